using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Answers and requests that are lost or late, and draws that are given up.</summary>
internal sealed class LineSituations(Scene scene)
{
    public IReadOnlyList<Situation> All =>
    [
        new("an answer that is lost, and its reversal", LostAnswerAsync),
        new("a request that its reversal overtakes", OvertakenRequestAsync),
        new("goods given back at the counter", CancelledDrawAsync),
    ];

    private async Task LostAnswerAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var loaves = scene.Baskets.BreadOf((uint)scene.Baskets.BreadAtOnceMax(members));
        scene.Bakery.Line.LoseNextAnswer();
        scene.Expect(await scene.Bakery.ServeAsync(card, loaves, cancellation), TapOutcomeKind.NoAnswer);
        await scene.ExpectAllSentAsync(scene.Bakery, cancellation);

        // The household is none the worse: what was undone can be drawn again.
        scene.Expect(await scene.Bakery.ServeAsync(card, loaves, cancellation), TapOutcomeKind.Approved);
    }

    private async Task OvertakenRequestAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var (shop, loaves) = (scene.Bakery, scene.Baskets.BreadOf((uint)members));
        shop.Line.HoldNextBack();
        scene.Expect(await shop.ServeAsync(card, loaves, cancellation), TapOutcomeKind.NoAnswer);
        await scene.ExpectAllSentAsync(shop, cancellation);

        // The draw comes when it is already undone: it must not stand, and nobody is there to be told.
        var late = await shop.Line.DeliverHeldAsync(cancellation);
        scene.ExpectLater([late.Outcome.Declined?.Reason ?? DeclineReason.Unspecified], DeclineReason.AlreadyReversed);
        scene.Expect(await shop.ServeAsync(card, loaves, cancellation), TapOutcomeKind.Approved);
    }

    private async Task CancelledDrawAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var drawn = await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation);
        scene.Expect(drawn, TapOutcomeKind.Approved);
        if (!await scene.Bakery.Terminal.CancelAsync(drawn.TransactionId!.Value, cancellation))
            scene.Surprise("the draw could not be given up");
        await scene.ExpectAllSentAsync(scene.Bakery, cancellation);
    }
}
