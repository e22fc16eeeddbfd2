using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Refunds;

/// <summary>
/// What the terminal can tell of a refund by itself, in order of precedence. The backend decides in the end; what is refused here would only be refused there, later.
/// </summary>
internal static class RefundCheck
{
    /// <param name="refunds">Those of the draw so far, whatever became of them.</param>
    public static Refundable Of(JournalEntry draw, IEnumerable<RefundEntry> refunds)
    {
        if (draw.State is EntryState.ReversalDue or EntryState.Reversed)
            return new Refundable.Nothing(RefundRefusal.Reversed);
        if (!draw.CountsAsDrawn)
            return new Refundable.Nothing(RefundRefusal.NotApproved);
        var back = PiecesOf(refunds.Where(refund => refund.State != RefundState.Refused).SelectMany(refund => refund.Lines));
        var left = PiecesOf(draw.Lines)
            .Select(article => (Article: article.Key, Pieces: article.Value - back.GetValueOrDefault(article.Key)))
            .Where(article => article.Pieces > 0)
            .Select(article => article.Article with { Quantity = (uint)article.Pieces })
            .ToArray();
        return left.Length == 0 ? new Refundable.Nothing(RefundRefusal.BeyondDraw) : new Refundable.Goods(draw, left);
    }

    /// <summary>Articles at their prices, no more pieces of each than are left.</summary>
    public static bool IsWithin(IReadOnlyList<BasketLine> goods, IReadOnlyList<BasketLine> left)
    {
        var pieces = PiecesOf(left);
        return goods.Count is > 0 and <= Basket.LinesMax
            && goods.All(line => line.Quantity > 0)
            && PiecesOf(goods).All(article => article.Value <= pieces.GetValueOrDefault(article.Key));
    }

    /// <summary>
    /// What goods come to in each programme, by the shares of the draw itself: what its citizen paid for comes back at what was paid, whatever the price list says today.
    /// The backend reckons the same, by the rules of the draw's date. Null where an article counts by its weight and has left the price list, which alone knows it.
    /// </summary>
    public static IReadOnlyList<DrawShare>? SharesOf(IReadOnlyList<BasketLine> goods, IReadOnlyList<DrawShare> drawn, JournalEntry draw, TerminalParameters parameters)
    {
        var shares = new List<DrawShare>();
        foreach (var lines in goods.GroupBy(line => line.Programme).OrderBy(lines => lines.Key))
        {
            var share = drawn.Single(own => own.Programme == lines.Key);
            var (quantity, priceMinor) = (0L, 0L);
            foreach (var line in lines)
            {
                var grams = 0u;
                if (share.Unit == QuantityUnit.Gram)
                {
                    if (parameters.FindArticle(line.Programme, line.Commodity, draw.BusinessDate) is not { } article)
                        return null;
                    grams = article.Grams;
                }
                quantity += Draw.QuantityOf(line, share.Unit, grams);
                priceMinor += (long)line.Quantity * line.UnitPriceMinor;
            }
            shares.Add(new DrawShare(lines.Key, (uint)quantity, share.Unit, share.CitizenPaysMinor > 0 ? priceMinor : 0));
        }
        return shares;
    }

    /// <summary>By article and price; a basket may have an article in several lines.</summary>
    private static Dictionary<BasketLine, long> PiecesOf(IEnumerable<BasketLine> lines) =>
        lines.GroupBy(line => line with { Quantity = 0 }).ToDictionary(article => article.Key, article => article.Sum(line => (long)line.Quantity));
}
