using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Citizens who come back with goods. In the evening each refund is matched with the merchant's own line of it.</summary>
internal sealed class RefundSituations(Scene scene)
{
    /// <summary>Lines of refunds that the day leaves on either side.</summary>
    public const int Lines = 4;

    public IReadOnlyList<Situation> All =>
    [
        new("some loaves brought back, then the rest", LoavesAsync),
        new("one article of many brought back", OneArticleAsync),
        new("goods brought back without a line", WithoutALineAsync),
        new("goods brought back that were never drawn", NeverDrawnAsync),
    ];

    private async Task LoavesAsync(CancellationToken cancellation)
    {
        var (shop, transaction, loaves) = (scene.Bakery, await DrawBreadAsync(cancellation), scene.Baskets.BreadOf(2));
        Expect<RefundOutcome.Recorded>(await shop.Terminal.RefundAsync(transaction, loaves, cancellation));
        Expect<RefundOutcome.Recorded>(await shop.Terminal.RefundAsync(transaction, cancellationToken: cancellation));
        if (await shop.Terminal.CancelAsync(transaction, cancellation))
            scene.Surprise("a draw whose goods came back was given up");
    }

    private async Task OneArticleAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take(Scene.HasGroceries);
        var drawn = await scene.Grocer.ServeAsync(card, scene.Baskets.Groceries(members), cancellation);
        scene.Expect(drawn, TapOutcomeKind.Approved);
        var refundable = (Refundable.Goods)scene.Grocer.Terminal.FindRefundable(drawn.Receipt.Number);
        Expect<RefundOutcome.Recorded>(await scene.Grocer.Terminal.RefundAsync(drawn.Receipt.Number, [refundable.Left[0] with { Quantity = 1 }], cancellation));
    }

    private async Task WithoutALineAsync(CancellationToken cancellation)
    {
        var transaction = await DrawBreadAsync(cancellation);
        scene.Bakery.Line.IsDown = true;
        Expect<RefundOutcome.Due>(await scene.Bakery.Terminal.RefundAsync(transaction, cancellationToken: cancellation));
        scene.Bakery.Line.IsDown = false;
        await scene.ExpectAllSentAsync(scene.Bakery, cancellation);
    }

    private async Task NeverDrawnAsync(CancellationToken cancellation)
    {
        var transaction = await DrawBreadAsync(cancellation);
        Expect<RefundOutcome.Refused>(await scene.Bakery.Terminal.RefundAsync(transaction, scene.Baskets.BreadOf(1_000), cancellation));
    }

    /// <summary>A day's bread of a household, drawn at the bakery.</summary>
    private async Task<TransactionId> DrawBreadAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var drawn = await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)(5 * members)), cancellation);
        scene.Expect(drawn, TapOutcomeKind.Approved);
        return drawn.TransactionId!.Value;
    }

    private void Expect<T>(RefundOutcome outcome)
        where T : RefundOutcome
    {
        if (outcome is not T)
            scene.Surprise($"expected {typeof(T).Name}, got {outcome}");
    }
}
