using SmartCard.Protocol.Transactions;
using SmartCard.Simulate.Scheduling;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Simulate.World;

/// <summary>What people buy: mostly what they may, sometimes too much.</summary>
internal static class Shopping
{
    private static readonly (ushort Commodity, uint Price)[] Groceries = [(101, 3_000), (102, 1_260), (103, 1_260), (104, 650), (109, 500), (111, 125)];

    /// <summary>Null: the citizen wants nothing, or there is nothing that this card may have.</summary>
    public static IReadOnlyList<BasketLine>? BasketFor(Merchant merchant, CardView view, Chance chance)
    {
        if (chance.Next(20) == 0)
            return null;
        return view.IsOnline ? WithALine(merchant, chance) : WithoutALine(merchant, view, chance);
    }

    private static List<BasketLine> WithALine(Merchant merchant, Chance chance)
    {
        var programmes = merchant.Programmes.Where(_ => chance.Next(2) == 0).ToArray();
        if (programmes.Length == 0)
            programmes = [merchant.Programmes[0]];
        return [.. programmes.Select(programme => programme == ProgrammeCode.Bread ? Bread(chance.Between(1, 10)) : Some(programme, chance))];
    }

    /// <summary>What the card was lent, which is bread; now and then more than that.</summary>
    private static List<BasketLine>? WithoutALine(Merchant merchant, CardView view, Chance chance)
    {
        if (!merchant.Programmes.Contains(ProgrammeCode.Bread))
            return null;
        var left = (int)view.Remaining.Where(remaining => remaining.Programme == ProgrammeCode.Bread).Sum(remaining => remaining.Quantity);
        if (chance.Next(10) == 0)
            return [Bread(left + 1)];
        return left > 0 ? [Bread(chance.Between(1, left))] : null;
    }

    private static BasketLine Bread(int loaves) => new(ProgrammeCode.Bread, new CommodityCode(1), (uint)loaves, 20);

    private static BasketLine Some(ProgrammeCode programme, Chance chance)
    {
        var (commodity, price) = chance.Pick(Groceries);
        // Bread points are few.
        return new BasketLine(programme, new CommodityCode(commodity), (uint)chance.Between(1, programme == ProgrammeCode.BreadPoints ? 2 : 3), price);
    }
}
