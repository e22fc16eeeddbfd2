using System.Collections.Frozen;
using System.Security.Cryptography;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Programmes.Rules;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Programmes.Profiles;

/// <summary>
/// The profile resolved: one immutable set of rules for each stretch of days between two changes. Looking one up is a
/// binary search; nothing is locked.
/// </summary>
internal sealed class ProfileCalendar : IProgrammes
{
    private readonly DateOnly[] _starts;
    private readonly ProgrammeRules[] _rules;
    private ProgrammeRules? _last;

    private ProfileCalendar(CountryProfile profile, DateOnly[] starts, ProgrammeRules[] rules) => (Profile, _starts, _rules) = (profile, starts, rules);

    public CountryProfile Profile { get; }

    /// <exception cref="InvalidProfileException">The text is no profile or breaks a rule; the message names every place.</exception>
    public static ProfileCalendar Load(ReadOnlySpan<byte> utf8)
    {
        var file = ProfileFile.Parse(utf8);
        var problems = ProfileChecks.ProblemsOf(file);
        if (problems.Count > 0)
            throw new InvalidProfileException(problems);

        // The version names the rules to a terminal that keeps them: it changes when a date passes and when the file does.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(utf8))[..8];
        var starts = ChangesOf(file);
        var rules = starts.Select(start => RulesFrom(file, start, $"{file.Code}-{start:yyyyMMdd}-{fingerprint}")).ToArray();
        return new ProfileCalendar(new CountryProfile(file.Code, file.TimeZone, file.Currency, file.CurrencyDigits), starts, rules);
    }

    public ProgrammeRules RulesOn(DateOnly date)
    {
        // A day's draws ask for the same date: the answer is kept until another date is asked for.
        if (Volatile.Read(ref _last) is { } last && last.Date == date)
            return last;
        var index = Array.BinarySearch(_starts, date);
        var rules = _rules[index >= 0 ? index : Math.Max(0, ~index - 1)] with { Date = date };
        Volatile.Write(ref _last, rules);
        return rules;
    }

    private static DateOnly[] ChangesOf(ProfileFile file) =>
    [
        .. file.Quotas.SelectMany(quota => quota.Versions).Select(version => version.ValidFrom)
            .Concat(file.Commodities.SelectMany(commodity => commodity.Prices).Select(price => price.ValidFrom))
            .Concat(file.Commodities.Select(commodity => commodity.WithdrawnFrom).OfType<DateOnly>())
            .Concat(file.Offline.Select(entry => entry.ValidFrom))
            // Before the first rule there is nothing to draw, which is a set of rules too.
            .Append(DateOnly.MinValue)
            .Distinct()
            .Order(),
    ];

    private static ProgrammeRules RulesFrom(ProfileFile file, DateOnly start, string version)
    {
        var quotas = file.Quotas.Select(quota => QuotaOn(quota, start)).OfType<QuotaRule>().OrderBy(rule => rule.Code).ToList();
        var programmes = file.Programmes
            .Where(programme => quotas.Exists(rule => rule.Code.Value == programme.Quota))
            .Select(entry => new Programme(new ProgrammeCode(entry.Code), entry.Name, entry.Unit, entry.Funding, new QuotaCode(entry.Quota)));
        var commodities = file.Commodities.Select(commodity => CommodityOn(commodity, start)).OfType<Commodity>();
        return new ProgrammeRules(
            start,
            version,
            programmes.ToFrozenDictionary(programme => programme.Code),
            commodities.ToFrozenDictionary(commodity => commodity.Code),
            quotas,
            OfflineOn(file, start));
    }

    private static QuotaRule? QuotaOn(QuotaEntry quota, DateOnly date)
    {
        var (code, programme) = (new QuotaCode(quota.Code), new ProgrammeCode(quota.Programme));
        return quota.Versions.LastOrDefault(version => version.ValidFrom <= date) switch
        {
            { Kind: QuotaKind.DailyRation } version => new DailyRationQuota(
                code, programme, quota.Unit, quota.Name,
                version.PerPersonPerDay!.Value,
                version.PerPersonPerPeriod!.Value,
                [.. version.Windows!.Select(window => new DrawWindow(window.MembersMax ?? int.MaxValue, window.Days))],
                version.SingleDayAtEndOfMonth!.Value,
                version.Unused is { } unused ? new UnusedRest(new QuotaCode(unused.Credits), unused.PerUnit) : null),
            { Kind: QuotaKind.PerPerson } version => new PerPersonQuota(
                code, programme, quota.Unit, quota.Name, [.. version.Tiers!.Select(tier => new PersonTier(tier.Persons, tier.Amount))]),
            { Kind: QuotaKind.Cap } version => new CapQuota(code, programme, quota.Unit, quota.Name, version.PerHousehold!.Value),
            { Kind: QuotaKind.Credited } version => new CreditedQuota(code, programme, quota.Unit, quota.Name, version.SpendableDays!.Value),
            _ => null,
        };
    }

    private static Commodity? CommodityOn(CommodityEntry entry, DateOnly date)
    {
        if (entry.WithdrawnFrom <= date || entry.Prices.LastOrDefault(price => price.ValidFrom <= date) is not { } price)
            return null;
        return new Commodity(
            new CommodityCode(entry.Code),
            [.. entry.PaidBy.Select(code => new ProgrammeCode(code))],
            entry.Name,
            price.UnitPrice,
            price.Subsidy,
            entry.Grams,
            [.. entry.Caps.Select(cap => new CapUse(new QuotaCode(cap.Quota), cap.PerPiece))])
        {
            PriceValidFrom = price.ValidFrom,
        };
    }

    private static OfflinePolicy OfflineOn(ProfileFile file, DateOnly date)
    {
        // Before the first policy nothing is served offline.
        var entry = file.Offline.LastOrDefault(entry => entry.ValidFrom <= date) ?? new OfflineEntry(date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return new OfflinePolicy(
            entry.BreadDaysLent, entry.GroceriesLent, entry.ValueMax, entry.RecordsMax, entry.HoursMax, entry.PinAbove,
            entry.ConsecutiveLower, entry.ConsecutiveUpper, entry.RecordAgeDaysMax, entry.ClockToleranceMinutes);
    }
}
