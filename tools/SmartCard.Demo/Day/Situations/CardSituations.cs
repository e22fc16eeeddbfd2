using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;
using BasketLine = SmartCard.Protocol.Transactions.BasketLine;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Cards that were lost, replaced or copied.</summary>
internal sealed class CardSituations(Scene scene)
{
    public IReadOnlyList<Situation> All =>
    [
        new("a card reported lost", LostCardAsync),
        new("a replaced card and its successor", ReplacedCardAsync),
        new("a copied card", CopiedCardAsync),
        new("a copied card without a line", CopiedCardWithoutALineAsync),
    ];

    private async Task LostCardAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        await scene.World.Bureau.BlockAsync(card.Number, "lost", cancellation);
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.Bread(members), cancellation), DeclineReason.CardBlocked);

        // Once the terminal has the denylist, the card gets no further than the counter.
        await scene.OtherBakery.Terminal.RefreshAsync(cancellation);
        scene.Expect(await scene.OtherBakery.ServeAsync(card, scene.Baskets.Bread(members), cancellation), TapOutcomeKind.CardDenylisted);
    }

    private async Task ReplacedCardAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var number = await scene.World.Bureau.ReplaceAsync(card.Number, "damaged", cancellation);
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.Bread(members), cancellation), DeclineReason.CardReplaced);

        var successor = await scene.World.ProduceCardAsync(card.Household, number, cancellation);
        scene.Expect(await scene.Bakery.ServeAsync(successor, scene.Baskets.Bread(members), cancellation), DeclineReason.CardNotActive);
        await scene.World.Bureau.ActivateAsync(successor.Number, cancellation);
        scene.Expect(await scene.Bakery.ServeAsync(successor, scene.Baskets.Bread(members), cancellation), TapOutcomeKind.Approved);
    }

    private async Task CopiedCardAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var copy = CopyOf(card);
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)(5 * members)), cancellation), TapOutcomeKind.Approved);

        // The copy uses the same counter for other content, then goes on from a record that the ledger never saw.
        scene.Expect(await scene.OtherBakery.ServeAsync(copy, scene.Baskets.BreadOf((uint)members), cancellation), DeclineReason.AtcReplayed);
        scene.Expect(await scene.OtherBakery.ServeAsync(copy, scene.Baskets.BreadOf((uint)members), cancellation), DeclineReason.ChainForked);
    }

    private async Task CopiedCardWithoutALineAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take(household => household.Members.Count is 2 or 3);
        var (shop, other) = (scene.Bakery, scene.OtherBakery);
        scene.Expect(await shop.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation), TapOutcomeKind.Approved);
        var copy = CopyOf(card);

        // Both hold what was lent once. The card draws all of it, and its copy a loaf at a time.
        shop.Line.IsDown = other.Line.IsDown = true;
        scene.Expect(await shop.ServeAsync(card, AllBreadLeft, cancellation), TapOutcomeKind.ApprovedOffline);
        for (var tap = 0; tap < 3; tap++)
            scene.Expect(await other.ServeAsync(copy, scene.Baskets.BreadOf(1), cancellation), TapOutcomeKind.ApprovedOffline);

        // The copy's first record has a counter that is taken, the second follows a record that the ledger never saw, and for the third nothing is left of the loan.
        shop.Line.IsDown = other.Line.IsDown = false;
        await scene.ExpectAllSentAsync(shop, cancellation);
        var sent = await other.Terminal.SendUnsentAsync(cancellation);
        scene.ExpectLater(sent.PresentedDeclines, DeclineReason.AtcReplayed, DeclineReason.ChainForked, DeclineReason.BeyondAllowance);
    }

    private IReadOnlyList<BasketLine> AllBreadLeft(CardView card) =>
        scene.Baskets.BreadOf((uint)card.Remaining.Single(left => left.Programme == ProgrammeCode.Bread).Quantity);

    private static DemoCard CopyOf(DemoCard card)
    {
        var copy = card with { Path = card.Path + ".copy" };
        File.Copy(card.Path, copy.Path);
        return copy;
    }
}
