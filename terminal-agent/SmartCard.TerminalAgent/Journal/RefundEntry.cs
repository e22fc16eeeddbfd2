using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Refunds;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>How far a refund has come. The numbers are in the journal's file: never reuse one. From due it goes to one of the others, and stays there.</summary>
public enum RefundState
{
    /// <summary>Written before the backend is asked: to be sent with the same id until it answers.</summary>
    Due = 1,

    /// <summary>The backend recorded it: the citizen's money is to be given back.</summary>
    Recorded = 2,

    /// <summary>The backend refused it and recorded nothing.</summary>
    Refused = 3,
}

/// <summary>Goods of a draw that came back, as the journal has them.</summary>
public sealed record RefundEntry
{
    /// <summary>Consecutive from 1.</summary>
    public required long Number { get; init; }

    /// <summary>Random, and the same in every call: by it the backend knows a repeated one.</summary>
    public required Guid RefundId { get; init; }
    public required JournalEntry Draw { get; init; }

    /// <summary>While due, the batch of the day on which it was asked for; once recorded, a batch of the backend's date.</summary>
    public required int Batch { get; init; }

    /// <summary>What came back: articles of the draw at the draw's prices.</summary>
    public required IReadOnlyList<BasketLine> Lines { get; init; }
    public required RefundState State { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Null while due.</summary>
    public RefundResponse? Answer { get; init; }

    /// <summary>How often sending was tried in vain.</summary>
    public int Attempts { get; init; }

    /// <summary>As on its receipt and in the merchant's ledger; no draw's number looks like it.</summary>
    public string ReceiptNumber => $"R{Number:D6}";

    /// <summary>32 hexadecimal digits.</summary>
    public string RefundIdText => RefundId.ToString("N");

    /// <summary>What the merchant gives back to the citizen, minor currency units; 0 unless recorded.</summary>
    public long CitizenGetsMinor => State == RefundState.Recorded ? Answer!.CitizenGetsMinor : 0;

    /// <summary>The backend's date of the refund; null unless recorded.</summary>
    public DateOnly? BusinessDate => State == RefundState.Recorded ? RefundAnswer.DateOf(Answer!) : null;

    /// <summary>Null unless refused.</summary>
    public RefundRefusal? Refusal => State == RefundState.Refused ? RefundAnswer.RefusalOf(Answer!.Result) : null;
}
