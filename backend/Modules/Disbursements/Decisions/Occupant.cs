using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>The highest counter at which one card stands in the ledger, and its chain after that record: where its next record has to go on.</summary>
internal readonly record struct CardCounter(CardNumber Card, Atc Atc, RecordChain ChainAfter);

internal enum OccupantStatus : short
{
    Approved = 1,
    Declined = 2,

    /// <summary>The reversal came before the draw: none will be approved.</summary>
    Tombstone = 3,
}

/// <summary>What stands at one (card, ATC), for ever.</summary>
internal sealed record Occupant(
    CardNumber Card, Atc Atc, OccupantStatus Status, long Entry, ReadOnlyMemory<byte> ContentHash, RecordChain ChainBefore, RecordChain ChainAfter, ReadOnlyMemory<byte> Outcome)
{
    /// <summary>True where a reversal undid it; the occupant itself never changes.</summary>
    public bool IsReversed { get; init; }

    /// <summary>Known where a reversal or a refund may need them.</summary>
    public IReadOnlyList<Movement> Movements { get; init; } = [];

    /// <summary>Known where the movements are.</summary>
    public GoodsHandedOver? Goods { get; init; }
}

/// <summary>What a draw handed over, and what came back of it.</summary>
/// <param name="Basket">Packed (<see cref="PackedBasket"/>).</param>
internal sealed record GoodsHandedOver(MerchantId Merchant, ReadOnlyMemory<byte> Basket, IReadOnlyList<RecordedRefund> Refunds);

internal sealed record RecordedRefund(RefundEntry Entry, IReadOnlyList<Movement> Movements);
