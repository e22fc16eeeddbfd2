using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.Day;

/// <summary>Fills baskets that a household of a size may take on a day, from the rules in force.</summary>
internal sealed class BasketPlanner(ProgrammeRules rules, Random random)
{
    private readonly Commodity[] _groceries =
        [.. rules.Commodities.Values.Where(c => c.PaidBy.Contains(ProgrammeCode.Groceries)).OrderBy(c => c.Code)];

    private readonly Commodity _loaf = rules.Commodities.Values.Single(c => c.PaidBy.Contains(ProgrammeCode.Bread));

    /// <summary>One to as many days of bread as the household may draw at once.</summary>
    public IReadOnlyList<BasketLine> Bread(int members)
    {
        var atOnce = BreadAtOnceMax(members);
        var aDay = 5 * members;
        var days = random.Next(1, Math.Max(1, (int)(atOnce / aDay)) + 1);
        return BreadOf((uint)(days * aDay));
    }

    public IReadOnlyList<BasketLine> BreadOf(uint loaves) => [Line(ProgrammeCode.Bread, _loaf, loaves)];

    /// <summary>The most loaves that a household may draw on this day.</summary>
    public long BreadAtOnceMax(int members)
    {
        var bread = rules.Quotas.Single(q => q.Programme == ProgrammeCode.Bread);
        return Math.Min(bread.DayLimit(members, rules.Date), bread.LimitByEndOf(members, rules.Date));
    }

    /// <summary>Some articles within the month's groceries and within every cap.</summary>
    public IReadOnlyList<BasketLine> Groceries(int members)
    {
        var left = rules.Quotas
            .Where(q => q.Programme == ProgrammeCode.Groceries)
            .ToDictionary(q => q.Code, q => q.PeriodLimit(members, rules.Date));
        var money = rules.Programmes[ProgrammeCode.Groceries].Quota;
        var lines = new List<BasketLine>();
        foreach (var commodity in _groceries.OrderBy(_ => random.Next()).Take(random.Next(2, 6)))
        {
            var pieces = Math.Min(random.Next(1, 4), left[money] / commodity.UnitPriceMinor);
            foreach (var cap in commodity.Caps)
                pieces = Math.Min(pieces, left[cap.Quota] / cap.AmountPerPiece);
            if (pieces <= 0)
                continue;
            left[money] -= pieces * commodity.UnitPriceMinor;
            foreach (var cap in commodity.Caps)
                left[cap.Quota] -= pieces * cap.AmountPerPiece;
            lines.Add(Line(ProgrammeCode.Groceries, commodity, (uint)pieces));
        }
        return lines.Count > 0 ? lines : [Line(ProgrammeCode.Groceries, _groceries.MinBy(c => c.UnitPriceMinor)!, 1)];
    }

    /// <summary>So many pieces of the commodity that uses up the given kind of quota soonest.</summary>
    public IReadOnlyList<BasketLine> GroceriesOf(Func<Commodity, bool> which, uint pieces, ProgrammeCode paidBy) =>
        [Line(paidBy, _groceries.First(which), pieces)];

    private static BasketLine Line(ProgrammeCode programme, Commodity commodity, uint pieces) =>
        new(programme, commodity.Code, pieces, (uint)commodity.UnitPriceMinor);
}
