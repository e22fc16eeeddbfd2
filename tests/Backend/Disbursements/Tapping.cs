using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>What happens at a counter, in words.</summary>
internal static class Tapping
{
    public static readonly CommodityCode Loaf = Egypt.Programmes.RulesOn(LedgerWorld.Today).Commodities.Values.First(article => article.PaidBy.Contains(ProgrammeCode.Bread)).Code;
    public static readonly CommodityCode Oil = new(101);
    public static readonly CommodityCode Sugar = new(102);
    public static readonly CommodityCode Rice = new(103);

    public static BasketLine Loaves(uint count) => new(ProgrammeCode.Bread, Loaf, count, 20);

    public static BasketLine OfOil(uint bottles) => new(ProgrammeCode.Groceries, Oil, bottles, 3000);

    public static BasketLine OfRice(uint bags) => new(ProgrammeCode.Groceries, Rice, bags, 1260);

    public static BasketLine OfRiceForPoints(uint bags) => new(ProgrammeCode.BreadPoints, Rice, bags, 1260);

    /// <summary>The drawing that an honest terminal makes of lines at the world's present time.</summary>
    public static Drawing Drawing(this LedgerWorld world, TerminalStanding terminal, params BasketLine[] lines)
    {
        // Cairo is two hours ahead in winter; tests of its odd nights set date and time themselves.
        var local = world.Clock.GetUtcNow().AddHours(2);
        return new Drawing
        {
            Lines = lines,
            Draws =
            [
                .. lines.GroupBy(line => line.Programme).OrderBy(own => own.Key).Select(own => own.Key == ProgrammeCode.Bread
                    ? new ProgrammeDraw(own.Key, (uint)own.Sum(line => line.Quantity), QuantityUnit.Loaf, 0)
                    : new ProgrammeDraw(own.Key, (uint)own.Sum(line => line.Quantity * line.UnitPriceMinor), QuantityUnit.MinorCurrency, 0)),
            ],
            AmountMinor = lines.Where(line => line.Programme == ProgrammeCode.Bread).Sum(line => (long)line.Quantity * line.UnitPriceMinor),
            Date = DateOnly.FromDateTime(local.DateTime),
            Time = TimeOnly.FromDateTime(local.DateTime),
            Terminal = terminal.Terminal,
            BasketHash = Basket.Hash(lines),
        };
    }

    public static async Task<Authorisation.Decided> AuthoriseAsync(this IDisbursements ledger, TerminalStanding terminal, SignedRecord signed, IReadOnlyList<BasketLine> lines) =>
        Assert.IsType<Authorisation.Decided>(await ledger.AuthoriseAsync(new DrawRequest(terminal, signed, lines), CancellationToken.None));

    /// <summary>Taps, asks, answers.</summary>
    public static Task<Authorisation.Decided> TapAsync(this LedgerWorld world, TestCard card, TerminalStanding terminal, params BasketLine[] lines) =>
        world.TapAsync(card, terminal, world.Drawing(terminal, lines));

    public static Task<Authorisation.Decided> TapAsync(this LedgerWorld world, TestCard card, TerminalStanding terminal, Drawing drawing) =>
        world.Ledger.AuthoriseAsync(terminal, card.Draw(drawing), drawing.Lines);

    /// <summary>Taps without a line and brings the record at once.</summary>
    public static async Task<Authorisation.Decided> TapOfflineAsync(this LedgerWorld world, TestCard card, TerminalStanding terminal, params BasketLine[] lines)
    {
        var drawing = world.Drawing(terminal, lines) with { Kind = CryptogramKind.Offline };
        return await world.PresentAsync(terminal, card.Draw(drawing), lines);
    }

    public static async Task<Authorisation.Decided> PresentAsync(this LedgerWorld world, TerminalStanding terminal, SignedRecord signed, IReadOnlyList<BasketLine> lines) =>
        Assert.IsType<Authorisation.Decided>(await world.Ledger.PresentAsync(new DrawRequest(terminal, signed, lines), CancellationToken.None));

    public static async Task<ReversalResult> ReverseAsync(this LedgerWorld world, TerminalStanding terminal, SignedRecord signed) =>
        Assert.IsType<Reversal.Answered>(await world.Ledger.ReverseAsync(new ReversalRequest(terminal, signed, ReversalReason.NoAnswer), CancellationToken.None)).Result;

    public static DrawOutcome.Approved Approved(this Authorisation.Decided decided) => Assert.IsType<DrawOutcome.Approved>(decided.Outcome);

    public static DrawOutcome.Declined Declined(this Authorisation.Decided decided, DeclineReason reason)
    {
        var declined = Assert.IsType<DrawOutcome.Declined>(decided.Outcome);
        Assert.Equal(reason, declined.Reason);
        return declined;
    }

    public static async Task<QuotaBalance> BalanceAsync(this LedgerWorld world, TestCard card, SmartCard.Backend.Platform.QuotaCode quota)
    {
        var inquiry = Assert.IsType<Inquiry.Known>(await world.Ledger.InquireAsync(card.Number, LedgerWorld.Cooperative, CancellationToken.None));
        return inquiry.Balances.Single(balance => balance.Quota == quota);
    }
}
