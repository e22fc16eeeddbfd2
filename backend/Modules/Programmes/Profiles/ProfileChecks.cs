using NodaTime;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Programmes.Profiles;

/// <summary>What a profile has to fulfil beyond its form. All problems are told at once, each with its place in the file.</summary>
internal sealed class ProfileChecks
{
    private readonly ProfileFile _file;
    private readonly List<string> _problems = [];

    private ProfileChecks(ProfileFile file) => _file = file;

    public static IReadOnlyList<string> ProblemsOf(ProfileFile file)
    {
        var checks = new ProfileChecks(file);
        checks.CheckHead();
        checks.CheckProgrammes();
        checks.CheckQuotas();
        checks.CheckCommodities();
        checks.CheckOffline();
        return checks._problems;
    }

    private void CheckHead()
    {
        Require(_file.Code.Length == 2 && _file.Code.All(char.IsAsciiLetterUpper), "code", "must be two capital letters, such as \"EG\"");
        Require(DateTimeZoneProviders.Tzdb.Ids.Contains(_file.TimeZone), "timeZone", $"\"{_file.TimeZone}\" is no IANA time zone");
        Require(_file.Currency is > 0 and < 1000, "currency", "must be an ISO 4217 number, 1 to 999");
        Require(_file.CurrencyDigits is >= 0 and <= 4, "currencyDigits", "must be 0 to 4");
    }

    private void CheckProgrammes()
    {
        Require(_file.Programmes.Count > 0, "programmes", "must not be empty");
        RequireDistinct(_file.Programmes.Select(programme => programme.Code), "programmes");
        foreach (var (programme, place) in Places(_file.Programmes, "programmes"))
        {
            CheckLabel(programme.Name, place);
            var quota = _file.Quotas.FirstOrDefault(quota => quota.Code == programme.Quota);
            Require(quota is not null, $"{place}.quota", $"there is no quota {programme.Quota}");
            Require(quota is null || quota.Programme == programme.Code, $"{place}.quota", $"quota {programme.Quota} belongs to programme {quota?.Programme}");
            Require(quota is null || quota.Unit == programme.Unit, $"{place}.unit", "must be the unit of its quota");
            Require(
                programme.Funding != ProgrammeFunding.EntitlementPays || programme.Unit == QuantityUnit.MinorCurrency,
                $"{place}.unit", "must be minorCurrency where the entitlement pays");
        }
    }

    private void CheckQuotas()
    {
        RequireDistinct(_file.Quotas.Select(quota => quota.Code), "quotas");
        foreach (var (quota, place) in Places(_file.Quotas, "quotas"))
        {
            CheckLabel(quota.Name, place);
            Require(quota.Unit != QuantityUnit.None, $"{place}.unit", "must be a unit");
            Require(_file.Programmes.Any(programme => programme.Code == quota.Programme), $"{place}.programme", $"there is no programme {quota.Programme}");
            CheckAscending(quota.Versions.Select(version => version.ValidFrom), $"{place}.versions");
            foreach (var (version, at) in Places(quota.Versions, $"{place}.versions"))
                CheckVersion(version, at);
        }
    }

    private void CheckVersion(QuotaVersion version, string place)
    {
        switch (version.Kind)
        {
            case QuotaKind.DailyRation:
                RequirePositive(version.PerPersonPerDay, $"{place}.perPersonPerDay");
                RequirePositive(version.PerPersonPerPeriod, $"{place}.perPersonPerPeriod");
                Require(version.SingleDayAtEndOfMonth is >= 0 and <= 28, $"{place}.singleDayAtEndOfMonth", "must be 0 to 28");
                CheckWindows(version.Windows ?? [], $"{place}.windows");
                if (version.Unused is { } unused)
                {
                    RequirePositive(unused.PerUnit, $"{place}.unused.perUnit");
                    var target = _file.Quotas.FirstOrDefault(quota => quota.Code == unused.Credits);
                    Require(
                        target?.Versions.All(v => v.Kind == QuotaKind.Credited) == true,
                        $"{place}.unused.credits", $"quota {unused.Credits} must be one of kind credited");
                }
                break;
            case QuotaKind.PerPerson:
                Require(version.Tiers is { Count: > 0 }, $"{place}.tiers", "must not be empty");
                foreach (var (tier, at) in Places(version.Tiers ?? [], $"{place}.tiers"))
                {
                    RequirePositive(tier.Persons, $"{at}.persons");
                    RequirePositive(tier.Amount, $"{at}.amount");
                }
                break;
            case QuotaKind.Cap:
                RequirePositive(version.PerHousehold, $"{place}.perHousehold");
                break;
            case QuotaKind.Credited:
                Require(version.SpendableDays is >= 1 and <= 31, $"{place}.spendableDays", "must be 1 to 31");
                break;
            default:
                Require(holds: false, $"{place}.kind", "must be dailyRation, perPerson, cap or credited");
                break;
        }
    }

    private void CheckWindows(IReadOnlyList<WindowEntry> windows, string place)
    {
        if (windows.Count == 0)
        {
            Require(holds: false, place, "must not be empty");
            return;
        }
        Require(windows[^1].MembersMax is null, $"{place}[{windows.Count - 1}].membersMax", "must be absent in the last window: it is for all larger households");
        for (var index = 0; index < windows.Count; index++)
        {
            Require(windows[index].Days is >= 1 and <= 31, $"{place}[{index}].days", "must be 1 to 31");
            if (index < windows.Count - 1)
                Require(windows[index].MembersMax > (index == 0 ? 0 : windows[index - 1].MembersMax), $"{place}[{index}].membersMax", "must be there and ascend");
        }
    }

    private void CheckCommodities()
    {
        RequireDistinct(_file.Commodities.Select(commodity => commodity.Code), "commodities");
        foreach (var (commodity, place) in Places(_file.Commodities, "commodities"))
        {
            CheckLabel(commodity.Name, place);
            Require(commodity.Grams >= 0, $"{place}.grams", "must not be negative");
            Require(commodity.PaidBy.Count > 0, $"{place}.paidBy", "must not be empty");
            foreach (var code in commodity.PaidBy.Where(code => _file.Programmes.All(programme => programme.Code != code)))
                Require(holds: false, $"{place}.paidBy", $"there is no programme {code}");
            foreach (var (cap, at) in Places(commodity.Caps, $"{place}.caps"))
            {
                RequirePositive(cap.PerPiece, $"{at}.perPiece");
                Require(
                    _file.Quotas.Any(quota => quota.Code == cap.Quota && quota.Versions.All(version => version.Kind == QuotaKind.Cap)),
                    $"{at}.quota", $"quota {cap.Quota} must be one of kind cap");
            }
            CheckAscending(commodity.Prices.Select(price => price.ValidFrom), $"{place}.prices");
            foreach (var (price, at) in Places(commodity.Prices, $"{place}.prices"))
            {
                Require(price.UnitPrice is > 0 and <= uint.MaxValue, $"{at}.unitPrice", "must be 1 to 4,294,967,295");
                Require(price.Subsidy >= 0, $"{at}.subsidy", "must not be negative");
            }
            Require(
                commodity.WithdrawnFrom is null || commodity.Prices.All(price => price.ValidFrom < commodity.WithdrawnFrom),
                $"{place}.withdrawnFrom", "must be after the last price's validFrom");
        }
    }

    private void CheckOffline()
    {
        CheckAscending(_file.Offline.Select(entry => entry.ValidFrom), "offline");
        foreach (var (entry, place) in Places(_file.Offline, "offline"))
        {
            RequirePositive(entry.RecordsMax, $"{place}.recordsMax");
            RequirePositive(entry.HoursMax, $"{place}.hoursMax");
            RequirePositive(entry.RecordAgeDaysMax, $"{place}.recordAgeDaysMax");
            RequirePositive(entry.ClockToleranceMinutes, $"{place}.clockToleranceMinutes");
            RequirePositive(entry.ValueMax, $"{place}.valueMax");
            Require(entry.BreadDaysLent >= 0, $"{place}.breadDaysLent", "must not be negative");
            Require(entry.GroceriesLent >= 0, $"{place}.groceriesLent", "must not be negative");
            Require(entry.PinAbove >= 0, $"{place}.pinAbove", "must not be negative");
            Require(entry.ConsecutiveLower <= entry.ConsecutiveUpper, $"{place}.consecutiveLower", "must not be above consecutiveUpper");
        }
    }

    private void CheckLabel(Label label, string place) =>
        Require(
            !string.IsNullOrWhiteSpace(label.Ar) && !string.IsNullOrWhiteSpace(label.Fr) && !string.IsNullOrWhiteSpace(label.En),
            $"{place}.name", "needs ar, fr and en");

    private void CheckAscending(IEnumerable<DateOnly> dates, string place)
    {
        var list = dates.ToList();
        Require(list.Count > 0, place, "must not be empty");
        for (var index = 1; index < list.Count; index++)
            Require(list[index] > list[index - 1], $"{place}[{index}].validFrom", "must be after the one before it");
    }

    private void RequireDistinct(IEnumerable<ushort> codes, string place)
    {
        foreach (var code in codes.CountBy(code => code).Where(count => count.Value > 1).Select(count => count.Key))
            Require(holds: false, place, $"has code {code} more than once");
    }

    private void RequirePositive(long? value, string place) => Require(value > 0, place, "must be there and above zero");

    private void Require(bool holds, string place, string rule)
    {
        if (!holds)
            _problems.Add($"{place} {rule}.");
    }

    private static IEnumerable<(T Item, string Place)> Places<T>(IReadOnlyList<T> items, string list) =>
        items.Select((item, index) => (item, $"{list}[{index}]"));
}
