using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Goods that came back to a merchant.</summary>
/// <param name="Rules">Those of the draw's date: what was paid for a piece is given back for it.</param>
internal sealed record GoodsBack(SignedRecord Signed, TerminalStanding Terminal, Guid RefundId, IReadOnlyList<BasketLine> Lines, ProgrammeRules Rules, DateTimeOffset ReceivedAt);

/// <summary>
/// Decides a refund. The evidence is the draw's own record, byte for byte as it was recorded, and a terminal of the merchant that was paid for it: whoever gives a
/// household's quota back gives up the subsidy for it.
/// </summary>
internal static class RefundDecision
{
    public static Refund Decide(GoodsBack goods, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var record = goods.Signed.Record;
        if (state.OccupantAt(record.Card, record.Atc.Value) is not { } drawn)
            return Refused(RefundRefusal.NotApproved);
        if (!goods.Signed.ContentHash().AsSpan().SequenceEqual(drawn.ContentHash.Span))
            return Refused(RefundRefusal.NotGenuine);
        var handedOver = drawn.Goods ?? throw new LedgerInvariantException("what a draw handed over is read for its refund");
        if (handedOver.Merchant != goods.Terminal.Merchant)
            return Refused(RefundRefusal.NotYours);
        var basket = PackedBasket.Encode(goods.Lines);
        if (handedOver.Refunds.FirstOrDefault(refund => refund.Entry.RefundId == goods.RefundId) is { } before)
            return before.Entry.Basket.Span.SequenceEqual(basket) ? Recorded(before.Entry) : Refused(RefundRefusal.IdUsed);
        if (drawn.Status != OccupantStatus.Approved)
            return Refused(RefundRefusal.NotApproved);
        if (drawn.IsReversed)
            return Refused(RefundRefusal.Reversed);
        if (!IsLeft(goods.Lines, handedOver))
            return Refused(RefundRefusal.BeyondDraw);
        return Recorded(GiveBack(goods, drawn, basket, state, today, ids));
    }

    /// <summary>Every article at its price: no more pieces than were drawn and have not come back.</summary>
    private static bool IsLeft(IReadOnlyList<BasketLine> lines, GoodsHandedOver handedOver)
    {
        var drawn = PiecesOf(PackedBasket.Decode(handedOver.Basket.Span));
        var back = PiecesOf(handedOver.Refunds.SelectMany(refund => PackedBasket.Decode(refund.Entry.Basket.Span)).Concat(lines));
        return lines.Count is > 0 and <= Basket.LinesMax
            && lines.All(line => line.Quantity > 0)
            && back.All(article => article.Value <= drawn.GetValueOrDefault(article.Key));
    }

    private static Dictionary<(ProgrammeCode, CommodityCode, uint PriceMinor), long> PiecesOf(IEnumerable<BasketLine> lines) =>
        lines.GroupBy(line => (line.Programme, line.Commodity, line.UnitPriceMinor)).ToDictionary(article => article.Key, article => article.Sum(line => (long)line.Quantity));

    private static RefundEntry GiveBack(GoodsBack goods, Occupant drawn, byte[] basket, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var record = goods.Signed.Record;
        var shares = goods.Lines.Select(line => line.Programme).Distinct().Order().Select(programme => BasketAssessment.ShareOf(programme, goods.Lines, goods.Rules)).ToArray();
        var entry = new RefundEntry(
            ids.Next(), drawn.Card, drawn.Atc, goods.RefundId, drawn.Entry, goods.Terminal.Terminal, goods.Terminal.Merchant, basket,
            shares.Sum(share => share.SubsidyMinor), shares.Sum(share => share.CitizenPaysMinor), today, goods.ReceivedAt);
        var movements = Postings.OfRefund(drawn, shares, BasketAssessment.CapsOf(goods.Lines, goods.Rules), state.Household, entry.Entry);
        foreach (var movement in movements)
        {
            state.Apply(movement);
            if (movement.Credit.Kind == AccountKind.Household)
                ReversalDecision.GiveDayBack(state.BalanceOf(movement.Quota, movement.Period), Yyyymmdd.Of(record.Date), movement.Amount);
        }
        state.Refund(drawn, entry, movements, shares.Select(share =>
            new RefundLine(entry, record.TransactionId, share.Programme, share.Unit, share.Quantity, share.SubsidyMinor, share.CitizenPaysMinor, record.Date)));
        return entry;
    }

    private static Refund.Recorded Recorded(RefundEntry entry) => new(entry.Entry, entry.RefundedOn, entry.SubsidyMinor, entry.CitizenGetsMinor);

    private static Refund.Refused Refused(RefundRefusal reason) => new(reason);
}
