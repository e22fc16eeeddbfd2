using System.Collections.Frozen;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Decisions.Tests.Support;

/// <summary>
/// A country of small round numbers, so that a test can say what is left without a calculator. For each member of a household, in a month: 30 loaves, of which 5 on one day
/// and a third in each third of the month; 1,000 piastres of groceries, with caps of 2 bottles of oil and 3,000 grams of sugar in them; points as they are credited.
/// </summary>
internal sealed class Country : IProgrammes
{
    public static readonly QuotaCode Bread = new(1);
    public static readonly QuotaCode Groceries = new(2);
    public static readonly QuotaCode Points = new(3);
    public static readonly QuotaCode OilCap = new(201);
    public static readonly QuotaCode SugarCap = new(202);

    public static readonly Rule BreadRule = new(Bread, ProgrammeCode.Bread, QuantityUnit.Loaf) { OfPeriod = 30, OfDay = 5, ByThirds = true };
    public static readonly Rule GroceriesRule = new(Groceries, ProgrammeCode.Groceries, QuantityUnit.MinorCurrency) { OfPeriod = 1_000 };
    public static readonly Rule PointsRule = new(Points, ProgrammeCode.BreadPoints, QuantityUnit.MinorCurrency) { Credited = true };
    public static readonly Rule OilRule = new(OilCap, ProgrammeCode.Groceries, QuantityUnit.Piece) { OfPeriod = 2, Cap = true };
    public static readonly Rule SugarRule = new(SugarCap, ProgrammeCode.Groceries, QuantityUnit.Gram) { OfPeriod = 3_000, Cap = true };

    public static readonly OfflinePolicy Policy = new(
        BreadDaysLent: 2, GroceriesLentMinor: 600, ValueMinorMax: 400, RecordsMax: 20, HoursMax: 72, PinAboveMinor: 0, ConsecutiveLower: 5, ConsecutiveUpper: 10,
        RecordAgeDaysMax: 7, ClockToleranceMinutes: 10);

    public static readonly TerminalStanding Cooperative = new(
        TerminalId.Parse("COOP0001"), new MerchantId(503), new OutletId(603), TerminalState.Enrolled, MerchantSuspended: false, "03",
        [ProgrammeCode.Bread, ProgrammeCode.Groceries, ProgrammeCode.BreadPoints]);

    private static readonly Label s_name = new("-", "-", "-");

    private static readonly FrozenDictionary<ProgrammeCode, Programme> s_programmes = new Programme[]
    {
        new(ProgrammeCode.Bread, s_name, QuantityUnit.Loaf, ProgrammeFunding.CitizenPaysCardPrice, Bread),
        new(ProgrammeCode.Groceries, s_name, QuantityUnit.MinorCurrency, ProgrammeFunding.EntitlementPays, Groceries),
        new(ProgrammeCode.BreadPoints, s_name, QuantityUnit.MinorCurrency, ProgrammeFunding.EntitlementPays, Points),
    }.ToFrozenDictionary(programme => programme.Code);

    private static readonly FrozenDictionary<CommodityCode, Commodity> s_commodities = new Commodity[]
    {
        new(new CommodityCode(1), [ProgrammeCode.Bread], s_name, UnitPriceMinor: 20, SubsidyMinor: 164, Grams: 90, []),
        new(new CommodityCode(101), [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints], s_name, UnitPriceMinor: 300, SubsidyMinor: 40, Grams: 800, [new CapUse(OilCap, 1)]),
        new(new CommodityCode(102), [ProgrammeCode.Groceries], s_name, UnitPriceMinor: 125, SubsidyMinor: 0, Grams: 1_000, [new CapUse(SugarCap, 1_000)]),
        new(new CommodityCode(103), [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints], s_name, UnitPriceMinor: 100, SubsidyMinor: 0, Grams: 1_000, []),
    }.ToFrozenDictionary(commodity => commodity.Code);

    public static Country Only { get; } = new();

    public CountryProfile Profile { get; } = new("XX", "Africa/Cairo", 818, 2);

    public ProgrammeRules RulesOn(DateOnly date) => new(date, "test", s_programmes, s_commodities, [BreadRule, GroceriesRule, PointsRule, OilRule, SugarRule], Policy);

    public static BasketLine Loaves(uint count) => new(ProgrammeCode.Bread, new CommodityCode(1), count, 20);

    public static BasketLine Oil(uint bottles) => new(ProgrammeCode.Groceries, new CommodityCode(101), bottles, 300);

    public static BasketLine Sugar(uint bags) => new(ProgrammeCode.Groceries, new CommodityCode(102), bags, 125);

    public static BasketLine Rice(uint bags) => new(ProgrammeCode.Groceries, new CommodityCode(103), bags, 100);

    public static BasketLine OilForPoints(uint bottles) => Oil(bottles) with { Programme = ProgrammeCode.BreadPoints };

    public static BasketLine RiceForPoints(uint bags) => Rice(bags) with { Programme = ProgrammeCode.BreadPoints };

    /// <summary>Amounts are for each member.</summary>
    public sealed record Rule(QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit) : QuotaRule(Code, Programme, Unit, s_name)
    {
        public long OfPeriod { get; init; }

        /// <summary>0: days do not matter.</summary>
        public long OfDay { get; init; }

        /// <summary>A third is open from the 1st, two from the 11th, all from the 21st.</summary>
        public bool ByThirds { get; init; }
        public bool Cap { get; init; }
        public bool Credited { get; init; }

        public override bool IsCap => Cap;

        public override bool IsCredited => Credited;

        public override long PeriodLimit(int members, DateOnly date) => OfPeriod * members;

        public override long DayLimit(int members, DateOnly date) => OfDay == 0 ? long.MaxValue : OfDay * members;

        public override long LimitByEndOf(int members, DateOnly date) =>
            ByThirds ? OfPeriod * members * Math.Min(3, ((date.Day - 1) / 10) + 1) / 3 : PeriodLimit(members, date);
    }
}
