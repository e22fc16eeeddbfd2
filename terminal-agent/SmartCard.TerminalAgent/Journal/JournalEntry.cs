using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>How far a draw has come. The numbers are in the journal's file: never reuse one.</summary>
public enum EntryState
{
    /// <summary>Written before the card is asked. If the process dies here, nobody but the card knows.</summary>
    Intent = 1,

    /// <summary>Cut off between intent and record: the card may or may not have committed. Its own log will tell.</summary>
    Torn = 2,

    /// <summary>The card did not commit.</summary>
    NotCommitted = 3,

    /// <summary>Online: the record is safe here and the backend's answer is awaited.</summary>
    Committed = 4,

    /// <summary>Online: the backend approved.</summary>
    Approved = 5,

    /// <summary>Online: the backend declined.</summary>
    Declined = 6,

    /// <summary>In doubt or given up: the reversal advice is to be sent until it is acknowledged.</summary>
    ReversalDue = 7,

    /// <summary>The backend acknowledged the reversal.</summary>
    Reversed = 8,

    /// <summary>Offline: the record is to be presented until it is acknowledged.</summary>
    Unsent = 9,

    /// <summary>The backend acknowledged the presentment; its outcome is in the entry.</summary>
    Presented = 10,
}

/// <summary>Which state may follow which: the whole table. A step that is not in it is a bug, and is refused.</summary>
public static class EntryLifeCycle
{
    private static readonly HashSet<(EntryState From, EntryState To)> Steps =
    [
        (EntryState.Intent, EntryState.Committed),
        (EntryState.Intent, EntryState.Unsent),
        (EntryState.Intent, EntryState.NotCommitted),
        (EntryState.Intent, EntryState.Torn),
        (EntryState.Torn, EntryState.Unsent),
        (EntryState.Torn, EntryState.ReversalDue),
        (EntryState.Torn, EntryState.NotCommitted),
        (EntryState.Committed, EntryState.Approved),
        (EntryState.Committed, EntryState.Declined),
        (EntryState.Committed, EntryState.ReversalDue),
        (EntryState.Approved, EntryState.ReversalDue),
        (EntryState.ReversalDue, EntryState.Reversed),
        (EntryState.Unsent, EntryState.Presented),
    ];

    public static bool Allows(EntryState from, EntryState to) => Steps.Contains((from, to));

    /// <summary>True while the backend has not taken the record over: it counts as unsent.</summary>
    public static bool IsUnsent(EntryState state) => state is EntryState.Committed or EntryState.ReversalDue or EntryState.Unsent;
}

/// <summary>What is left of one quota after a draw: for the receipt.</summary>
/// <param name="Quantity">In <paramref name="Unit"/>.</param>
/// <param name="Offline">True: what the card may still draw without a line; false: what the household may still draw.</param>
public readonly record struct Remaining(ushort Quota, ProgrammeCode Programme, QuantityUnit Unit, long Quantity, bool Offline);

/// <summary>One draw in the journal, as it stands.</summary>
public sealed record JournalEntry
{
    /// <summary>Consecutive from 1: the receipt number.</summary>
    public required long Sequence { get; init; }
    public required int Batch { get; init; }
    public required CardNumber Card { get; init; }

    /// <summary>What the card was asked for: online or offline.</summary>
    public required CryptogramKind Asked { get; init; }

    /// <summary>The card's counter before the draw.</summary>
    public required Atc AtcBefore { get; init; }
    public required GenerateAcRequest Request { get; init; }
    public required IReadOnlyList<BasketLine> Lines { get; init; }
    public required EntryState State { get; init; }

    /// <summary>Null until the card has committed.</summary>
    public SignedRecord? Record { get; init; }

    /// <summary>The backend's outcome, online or after presentment; null until then.</summary>
    public Outcome? Outcome { get; init; }
    public ReversalReason ReversalReason { get; init; }
    public ReversalResult ReversalResult { get; init; }
    public IReadOnlyList<Remaining> Remaining { get; init; } = [];

    /// <summary>How often sending was tried in vain.</summary>
    public int Attempts { get; init; }

    public TransactionId TransactionId => Request.TransactionId;

    public DateOnly BusinessDate => Request.Date;

    /// <summary>True where goods were handed over and nothing has taken that back.</summary>
    public bool CountsAsDrawn => State switch
    {
        EntryState.Approved => true,
        EntryState.Unsent => Record?.Record.Kind == CryptogramKind.Offline,
        EntryState.Presented => Outcome?.ResultCase == Outcome.ResultOneofCase.Approved,
        _ => false,
    };
}

/// <summary>What opening the journal after a break found.</summary>
/// <param name="Torn">Draws whose commitment is unknown until their card comes back.</param>
/// <param name="ReversalsDue">Draws whose outcome was never seen; they are being reversed.</param>
public readonly record struct RecoveryReport(int Torn, int ReversalsDue);
