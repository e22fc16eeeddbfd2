using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Programmes.Contracts;

/// <summary>
/// The country profile: programmes, commodities, prices and quota rules, each versioned by business date. Held in memory
/// and immutable between versions, so that answers need no round trip.
/// </summary>
public interface IProgrammes
{
    CountryProfile Profile { get; }

    /// <summary>The rules in force on a business date.</summary>
    ProgrammeRules RulesOn(DateOnly date);
}

/// <param name="Code">Such as "EG".</param>
/// <param name="IanaZone">Zone of all business dates.</param>
/// <param name="Currency">ISO 4217 numeric.</param>
/// <param name="CurrencyDigits">Decimals of the currency.</param>
public sealed record CountryProfile(string Code, string IanaZone, ushort Currency, int CurrencyDigits);

/// <summary>Everything that holds on one business date.</summary>
public sealed record ProgrammeRules(
    DateOnly Date,
    string Version,
    IReadOnlyDictionary<ProgrammeCode, Programme> Programmes,
    IReadOnlyDictionary<CommodityCode, Commodity> Commodities,
    IReadOnlyList<QuotaRule> Quotas,
    OfflinePolicy Offline)
{
    private IReadOnlyList<PeriodId>? _periods;
    private IReadOnlyList<Programme>? _inOrder;

    private ProgrammeRules(ProgrammeRules other)
    {
        (Date, Version, Programmes, Commodities, Quotas, Offline) = (other.Date, other.Version, other.Programmes, other.Commodities, other.Quotas, other.Offline);
        // Not the periods: a copy may be of another date.
    }

    /// <summary>The programmes by their codes.</summary>
    public IReadOnlyList<Programme> InOrder => _inOrder ??= [.. Programmes.Values.OrderBy(programme => programme.Code)];

    /// <summary>The periods of all quotas in which <see cref="Date"/> lies.</summary>
    public IReadOnlyList<PeriodId> Periods => _periods ??= [.. Quotas.Select(rule => rule.PeriodOf(Date)).Distinct()];
}

/// <param name="Funding">Who pays: the citizen the card price and the fund the rest, or the entitlement everything.</param>
/// <param name="Quota">The quota that counts the whole programme.</param>
public sealed record Programme(ProgrammeCode Code, Label Name, QuantityUnit Unit, ProgrammeFunding Funding, QuotaCode Quota);

public enum ProgrammeFunding
{
    /// <summary>Bread: the citizen pays the card price a piece, the fund a subsidy a piece; the quota counts pieces.</summary>
    CitizenPaysCardPrice = 1,

    /// <summary>Groceries, points: the quota is money and pays the card price; the citizen pays nothing.</summary>
    EntitlementPays = 2,
}

/// <param name="UnitPriceMinor">Card price of a piece.</param>
/// <param name="SubsidyMinor">What the fund adds for a piece, beyond what the citizen or the entitlement pays.</param>
/// <param name="Caps">Quotas that this commodity also counts against, each with the amount that one piece takes.</param>
public sealed record Commodity(CommodityCode Code, IReadOnlyList<ProgrammeCode> PaidBy, Label Name, long UnitPriceMinor, long SubsidyMinor, int Grams, IReadOnlyList<CapUse> Caps)
{
    /// <summary>Since when the price is in force.</summary>
    public DateOnly PriceValidFrom { get; init; }
}

public readonly record struct CapUse(QuotaCode Quota, long AmountPerPiece);

/// <summary>
/// How much a household of a shape may draw of one quota. What it may draw now is the least of three, never below zero:
/// <see cref="PeriodLimit"/> less what the period has consumed and lent, <see cref="LimitByEndOf"/> less what it has consumed, and
/// <see cref="DayLimit"/> less what the day has consumed (backend/docs/decisions/0003).
/// </summary>
public abstract record QuotaRule(QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit, Label Name)
{
    /// <summary>
    /// What the shape gives for the whole period of <paramref name="date"/>; never changes with the day inside a period. 0 where
    /// <see cref="IsCredited"/>: the household's limit is this and what was credited to it.
    /// </summary>
    public abstract long PeriodLimit(int members, DateOnly date);

    /// <summary>What may be drawn of the period until the end of the day: less than <see cref="PeriodLimit"/> where days ahead are closed. Beyond it, outside the draw window.</summary>
    public virtual long LimitByEndOf(int members, DateOnly date) => PeriodLimit(members, date);

    /// <summary>What it may draw on the one day, at most; <see cref="long.MaxValue"/> where days do not matter. Beyond it, outside the draw window.</summary>
    public virtual long DayLimit(int members, DateOnly date) => long.MaxValue;

    public virtual PeriodId PeriodOf(DateOnly date) => PeriodId.MonthOf(date);

    /// <summary>True for a cap on one commodity inside a programme; the decline then names the cap.</summary>
    public virtual bool IsCap => false;

    /// <summary>True where the limit is what was credited to the household (bread points): no shape gives it, and <see cref="LimitByEndOf"/> has no say.</summary>
    public virtual bool IsCredited => false;

    /// <summary>What the unused rest of a period is turned into; null where it lapses.</summary>
    public virtual UnusedRest? Unused => null;
}

/// <summary>The unused rest of a period becomes a credit of another quota in the next period.</summary>
/// <param name="CreditPerUnit">In the unit of <paramref name="Credits"/>, for each unit that was not drawn.</param>
public sealed record UnusedRest(QuotaCode Credits, long CreditPerUnit);

/// <param name="BreadDaysLent">Days of bread lent to a card for use without a line.</param>
/// <param name="RecordAgeDaysMax">Oldest record, in days, that may still be presented.</param>
/// <param name="ClockToleranceMinutes">How far a terminal's clock may be off.</param>
public sealed record OfflinePolicy(int BreadDaysLent, long GroceriesLentMinor, long ValueMinorMax, int RecordsMax, int HoursMax, long PinAboveMinor, byte ConsecutiveLower, byte ConsecutiveUpper, int RecordAgeDaysMax, int ClockToleranceMinutes);
