using Google.Protobuf;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Terminals that change what the card signed, or its circumstances. Offsets are those of a record, protocol/spec/transaction-record.md.</summary>
internal sealed class RogueTerminalSituations(Scene scene)
{
    private const int CardOffset = 1;
    private const int LastOfAmountOffset = 17;
    private const int TypeOffset = 26;
    private const int TerminalOffset = 27;

    /// <summary>ISO 8583 processing code, first pair: a return, where the system knows draws of goods alone.</summary>
    private const byte Return = 0x20;

    public IReadOnlyList<Situation> All =>
    [
        new("a terminal that changes the type", TamperedTypeAsync),
        new("a terminal that gives itself another name", TamperedTerminalAsync),
        new("a terminal that changes the card's number", TamperedCardAsync),
        new("a terminal that changes the amount", TamperedAmountAsync),
        new("a terminal that changes the signature", TamperedSignatureAsync),
        new("a terminal that swaps the basket", SwappedBasketAsync),
        new("a record sent through another terminal", BorrowedRecordAsync),
        new("a terminal whose clock is wrong", WrongClockAsync),
    ];

    private Task TamperedTypeAsync(CancellationToken cancellation) =>
        TamperAsync(record => record[TypeOffset] = Return, DeclineReason.MalformedRecord, cancellation);

    private Task TamperedTerminalAsync(CancellationToken cancellation) =>
        TamperAsync(record => TerminalId.Parse("EGOTHER1").Encode(record.AsSpan(TerminalOffset)), DeclineReason.TerminalMismatch, cancellation);

    private Task TamperedCardAsync(CancellationToken cancellation) =>
        TamperAsync(record => CardNumber.FromPayload(1).Encode(record.AsSpan(CardOffset)), DeclineReason.UnknownCard, cancellation);

    private Task TamperedAmountAsync(CancellationToken cancellation) =>
        TamperAsync(record => record[LastOfAmountOffset] ^= 1, DeclineReason.WrongCryptogram, cancellation);

    private async Task TamperedSignatureAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        scene.Bakery.Line.TamperNext = request =>
        {
            request.SignedRecord.Signature = Changed(request.SignedRecord.Signature, signature => signature[40] ^= 1);
            return request;
        };
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)(5 * members)), cancellation), DeclineReason.WrongSignature);
    }

    private async Task SwappedBasketAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take(Scene.HasGroceries);
        scene.Grocer.Line.TamperNext = request =>
        {
            request.Lines[0].Quantity++;
            return request;
        };
        scene.Expect(await scene.Grocer.ServeAsync(card, scene.Baskets.Groceries(members), cancellation), DeclineReason.BasketMismatch);
    }

    private async Task BorrowedRecordAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var (other, otherMembers) = scene.Take();
        await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation);
        var borrowed = scene.Bakery.Line.LastAuthorise;
        scene.OtherBakery.Line.TamperNext = _ => borrowed!;

        // The backend turns the borrowed record away; to the terminal's own software that is no answer to its own, which it then undoes.
        scene.Expect(await scene.OtherBakery.ServeAsync(other, scene.Baskets.BreadOf((uint)otherMembers), cancellation), TapOutcomeKind.NoAnswer);
        await scene.ExpectAllSentAsync(scene.OtherBakery, cancellation);
    }

    private async Task WrongClockAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var shop = scene.OtherBakery;
        var skewed = await scene.Day.ReopenAsync(shop, new SkewedClock(scene.World.Clock, TimeSpan.FromDays(2)), cancellation);
        scene.Expect(await skewed.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation), DeclineReason.DateOutOfRange);
        await scene.Day.ReopenAsync(skewed, scene.World.Clock, cancellation);
    }

    private async Task TamperAsync(Action<byte[]> change, DeclineReason reason, CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        scene.Bakery.Line.TamperNext = request =>
        {
            request.SignedRecord.Record = Changed(request.SignedRecord.Record, change);
            return request;
        };
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)(5 * members)), cancellation), reason);
    }

    private static ByteString Changed(ByteString bytes, Action<byte[]> change)
    {
        var changed = bytes.ToByteArray();
        change(changed);
        return ByteString.CopyFrom(changed);
    }

    /// <summary>A shop's clock that somebody set wrong.</summary>
    private sealed class SkewedClock(TimeProvider right, TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + skew;
    }
}
