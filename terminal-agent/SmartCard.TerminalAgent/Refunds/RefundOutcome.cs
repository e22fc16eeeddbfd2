using SmartCard.TerminalAgent.Journal;

namespace SmartCard.TerminalAgent.Refunds;

/// <summary>Why goods of a draw cannot come back. The terminal's own reasons come first; the backend is asked where none of them holds.</summary>
public enum RefundRefusal
{
    /// <summary>No parameters, or a certificate that is over.</summary>
    TerminalNotReady = 1,

    /// <summary>This terminal has made no such draw.</summary>
    UnknownDraw,

    /// <summary>
    /// It was settled so long ago that it has left the journal, and the card's record, which is the evidence, with it; or the weight by which its article counts has left the
    /// price list.
    /// </summary>
    NoLongerKept,

    /// <summary>No goods were handed over for it.</summary>
    NotApproved,

    /// <summary>It was undone as a whole.</summary>
    Reversed,

    /// <summary>Articles that are not of the draw, or more pieces than are left of it.</summary>
    BeyondDraw,

    /// <summary>The backend has another record of this draw.</summary>
    NotGenuine,

    /// <summary>The backend paid another merchant for it.</summary>
    NotYours,

    /// <summary>The refund's id stands for other goods of this draw.</summary>
    IdUsed,

    /// <summary>A reason that a newer backend gives.</summary>
    Other,
}

/// <summary>What of an earlier draw may come back.</summary>
public abstract record Refundable
{
    private Refundable()
    {
    }

    /// <param name="Left">Each article of the draw once, with the pieces of it that have not come back; never empty.</param>
    public sealed record Goods(JournalEntry Draw, IReadOnlyList<BasketLine> Left) : Refundable;

    public sealed record Nothing(RefundRefusal Reason) : Refundable;
}

/// <summary>How it went with goods that were brought back.</summary>
public abstract record RefundOutcome
{
    private RefundOutcome()
    {
    }

    /// <summary>The backend recorded it: now the citizen's money goes back.</summary>
    public sealed record Recorded(RefundEntry Refund) : RefundOutcome;

    /// <summary>Kept here and sent until the backend answers. No money goes back before.</summary>
    public sealed record Due(RefundEntry Refund) : RefundOutcome;

    /// <param name="Refund">Null where the terminal itself refused and nothing was journalled.</param>
    public sealed record Refused(RefundRefusal Reason, RefundEntry? Refund) : RefundOutcome;

    public static RefundOutcome Of(RefundEntry refund) => refund.State switch
    {
        RefundState.Recorded => new Recorded(refund),
        RefundState.Refused => new Refused(refund.Refusal!.Value, refund),
        _ => new Due(refund),
    };
}
