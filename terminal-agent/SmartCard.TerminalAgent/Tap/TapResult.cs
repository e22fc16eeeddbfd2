using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Receipts;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>Where a tap's time went.</summary>
/// <param name="Total">From card present to receipt, without what people took to choose a basket or enter a PIN.</param>
/// <param name="Card">Of that: reader, link and card.</param>
/// <param name="Backend">Of that: waiting for the backend after the card's work was done.</param>
/// <param name="Exchanges">APDUs exchanged.</param>
public readonly record struct TapTimings(TimeSpan Total, TimeSpan Card, TimeSpan Backend, int Exchanges);

/// <summary>The card that was tapped, as a screen may show it. Nothing here is for a log.</summary>
public sealed record CardView
{
    public required CardNumber Card { get; init; }

    /// <summary>False: without a line; what is left is what the card itself may still give.</summary>
    public required bool IsOnline { get; init; }

    /// <summary>The head's shortened name; empty without a line.</summary>
    public string HolderDisplay { get; init; } = "";
    public int Members { get; init; }

    /// <summary>Unspecified without a line.</summary>
    public CardStanding Standing { get; init; }

    /// <summary>What is left, by quota.</summary>
    public required IReadOnlyList<Remaining> Remaining { get; init; }
}

/// <summary>Asks the merchant for a basket once the card is known; null when they give up. A basket that was ready before is answered at once.</summary>
public delegate ValueTask<IReadOnlyList<BasketLine>?> BasketChoice(CardView card, CancellationToken cancellationToken);

/// <summary>The result of one tap.</summary>
public sealed record TapResult
{
    public required TapOutcome Outcome { get; init; }

    /// <summary>To be printed in any case: a decline has a reason and a next step.</summary>
    public required Receipt Receipt { get; init; }
    public required TapTimings Timings { get; init; }

    /// <summary>The draw's id; null where the tap ended before there was one.</summary>
    public TransactionId? TransactionId { get; init; }

    /// <summary>True: this is the result of an earlier draw of the same card that had been cut off, not of the basket of this tap.</summary>
    public bool IsRecovered { get; init; }

    /// <summary>Issuer's orders that the card took.</summary>
    public int ScriptsRelayed { get; init; }
    public CardView? Card { get; init; }
}
