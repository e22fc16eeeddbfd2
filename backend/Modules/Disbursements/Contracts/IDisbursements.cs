using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Contracts;

/// <summary>The ledger of draws: one outcome per (card, ATC), for ever.</summary>
public interface IDisbursements
{
    /// <summary>What the household of a card may still draw; records nothing.</summary>
    Task<Inquiry> InquireAsync(CardNumber card, TerminalStanding terminal, CancellationToken cancellation);

    /// <summary>Decides and records an online draw. Returns only after the outcome is on disk.</summary>
    Task<Authorisation> AuthoriseAsync(DrawRequest request, CancellationToken cancellation);

    /// <summary>Records a draw that the card approved offline: it was reserved when it was lent, so it is declined only where it is not genuine or beyond what was lent.</summary>
    Task<Authorisation> PresentAsync(DrawRequest request, CancellationToken cancellation);

    Task<Reversal> ReverseAsync(ReversalRequest request, CancellationToken cancellation);

    /// <summary>Gives back what a draw took, whole or in part, because goods came back to the merchant. Returns only after it is on disk.</summary>
    Task<Refund> RefundAsync(RefundRequest request, CancellationToken cancellation);

    /// <summary>What was refunded on a business date, whenever it was drawn: each programme of each refund, streamed; settlement takes it off.</summary>
    IAsyncEnumerable<RefundedLine> RefundsOfAsync(DateOnly businessDate, CancellationToken cancellation);

    /// <summary>Ministry lines drawn on a business date, whenever they were recorded: each programme of each approved disbursement that was not reversed, streamed; for reconciliation.</summary>
    IAsyncEnumerable<RecordedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation);

    /// <summary>Totals by programme of a terminal on a business date; for batch close.</summary>
    Task<IReadOnlyList<BatchTotal>> TotalsOfAsync(TerminalId terminal, DateOnly businessDate, CancellationToken cancellation);

    /// <summary>Credits a household with a quota that is not given by its shape, such as bread points. The same key again does nothing.</summary>
    Task CreditAsync(Guid creditId, HouseholdId household, QuotaCode quota, PeriodId period, long amount, CancellationToken cancellation);
}

/// <summary>A draw as a terminal asks for it.</summary>
/// <param name="Terminal">The caller, from its certificate.</param>
/// <param name="SignedRecord">What the card signed; null where the bytes were no record.</param>
public sealed record DrawRequest(TerminalStanding Terminal, SignedRecord? SignedRecord, IReadOnlyList<BasketLine> Lines);

public sealed record ReversalRequest(TerminalStanding Terminal, SignedRecord? SignedRecord, ReversalReason Reason);

public enum ReversalReason
{
    NoAnswer = 1,
    Cancelled = 2,
    TerminalRestart = 3,
}

public enum ReversalResult
{
    Undone = 1,
    NothingToUndo = 2,
    Refused = 3,
}

/// <summary>The answer to a reversal advice.</summary>
public abstract record Reversal
{
    /// <summary>On disk; the same advice again gets the same result.</summary>
    public sealed record Answered(ReversalResult Result, TransactionId Transaction) : Reversal;

    /// <summary>The queue is full: nothing was recorded. The same advice may come again after <paramref name="RetryAfterMs"/>.</summary>
    public sealed record Busy(int RetryAfterMs) : Reversal;
}

/// <param name="Terminal">The caller: any of the merchant that the draw was made at.</param>
/// <param name="SignedRecord">The draw's record, exactly as it was recorded; null where the bytes were no record.</param>
/// <param name="RefundId">Chosen by the caller; the same again is the same refund.</param>
/// <param name="Lines">What came back, each a line of the draw's basket with its price, and no more pieces than were drawn and not yet refunded.</param>
public sealed record RefundRequest(TerminalStanding Terminal, SignedRecord? SignedRecord, Guid RefundId, IReadOnlyList<BasketLine> Lines);

/// <summary>The answer to a refund.</summary>
public abstract record Refund
{
    /// <param name="Entry">Of the ledger.</param>
    /// <param name="SubsidyMinor">What the merchant is no longer owed.</param>
    /// <param name="CitizenGetsMinor">What the merchant gives back to the citizen in money.</param>
    public sealed record Recorded(long Entry, DateOnly RefundedOn, long SubsidyMinor, long CitizenGetsMinor) : Refund;

    public sealed record Refused(RefundRefusal Reason) : Refund;

    /// <summary>The queue is full: nothing was recorded. The same request may come again after <paramref name="RetryAfterMs"/>.</summary>
    public sealed record Busy(int RetryAfterMs) : Refund;
}

/// <summary>Why a refund is refused, ordered by precedence: the first that applies is given. The numbers are the wire's.</summary>
public enum RefundRefusal
{
    /// <summary>The record is none, or not the one that was recorded.</summary>
    NotGenuine = 2,

    /// <summary>The draw was made at another merchant.</summary>
    NotYours = 3,

    /// <summary>The id stands for other goods of this draw.</summary>
    IdUsed = 4,

    /// <summary>No such draw was approved.</summary>
    NotApproved = 5,
    Reversed = 6,

    /// <summary>Not of this draw, or more than is left of it.</summary>
    BeyondDraw = 7,
}

/// <summary>One programme of one refund.</summary>
/// <param name="DrawnOn">The business date of the draw, which was settled long ago.</param>
public readonly record struct RefundedLine(TransactionId Transaction, ProgrammeCode Programme, MerchantId Merchant, TerminalId Terminal, long Quantity, long CitizenGetsMinor, long SubsidyMinor, DateOnly DrawnOn, DateOnly RefundedOn);

/// <summary>The answer to a draw.</summary>
public abstract record Authorisation
{
    /// <param name="OutcomeBytes">The outcome as protocol buffer message subsidy.v1.Outcome, the bytes that are repeated for ever.</param>
    /// <param name="IssuerScripts">For the card, in order; no part of the outcome. A script that the card has already carried out may come again.</param>
    /// <param name="Arpc">8 bytes; empty where the card is not to be answered.</param>
    /// <param name="Arc">2 bytes, ISO 8583 response code in ASCII: "00" approved, "05" declined or since undone.</param>
    public sealed record Decided(DrawOutcome Outcome, ReadOnlyMemory<byte> OutcomeBytes, IReadOnlyList<ReadOnlyMemory<byte>> IssuerScripts, ReadOnlyMemory<byte> Arpc, ReadOnlyMemory<byte> Arc) : Authorisation;

    /// <summary>The queue is full: nothing was recorded. The same request may come again after <paramref name="RetryAfterMs"/>.</summary>
    public sealed record Busy(int RetryAfterMs) : Authorisation;
}

public abstract record DrawOutcome(TransactionId Transaction)
{
    public sealed record Approved(TransactionId Transaction, long DisbursementId, DateOnly BusinessDate, IReadOnlyList<QuotaBalance> Balances, long SubsidyMinor, long CitizenPaysMinor) : DrawOutcome(Transaction);

    /// <param name="Quota">The quota that does not suffice; null where the reason is another.</param>
    /// <param name="Available">What that quota would still allow, in its unit.</param>
    public sealed record Declined(TransactionId Transaction, DeclineReason Reason, QuotaCode? Quota, long Available, bool FraudCase) : DrawOutcome(Transaction);
}

/// <summary>Why a draw is declined, ordered by precedence: the first that applies is given. The numbers are the wire's.</summary>
public enum DeclineReason
{
    MalformedRecord = 1,
    TerminalNotEnrolled = 2,
    TerminalMismatch = 3,
    UnknownCard = 4,
    WrongCryptogram = 5,
    WrongSignature = 6,
    AtcReplayed = 7,
    AlreadyReversed = 8,
    ChainForked = 9,
    CardDeclined = 10,
    CardNotActive = 11,
    CardBlocked = 12,
    CardReplaced = 13,
    MerchantSuspended = 14,
    MerchantNotAllowed = 15,
    DateOutOfRange = 16,
    BasketMismatch = 17,
    UnknownCommodity = 18,
    PriceMismatch = 19,
    HouseholdNotEntitled = 20,
    OutsideDrawWindow = 21,
    BeyondEntitlement = 22,
    BeyondCap = 23,
    BeyondAllowance = 24,
}

/// <param name="AvailableNow">What may be drawn online today, draw windows counted.</param>
public sealed record QuotaBalance(QuotaCode Quota, ProgrammeCode Programme, QuantityUnit Unit, PeriodId Period, long Limit, long Consumed, long Lent, long AvailableNow)
{
    /// <summary>Of an inquiry: what may be drawn today of what is lent to the card, where <see cref="AvailableNow"/> does not suffice. No outcome tells it.</summary>
    public long FromAllowanceNow { get; init; }
}

public abstract record Inquiry
{
    public sealed record Known(Cards.Contracts.CardStanding Card, int Members, IReadOnlyList<QuotaBalance> Balances) : Inquiry;

    public sealed record UnknownCard : Inquiry;
}

/// <summary>One programme of one disbursement, as the ministry recorded it.</summary>
/// <param name="DrawnOn">The record's own business date, which the merchant books it under.</param>
/// <param name="RecordedOn">The business date on which the ledger took it; later than <paramref name="DrawnOn"/> for a late offline record.</param>
public readonly record struct RecordedLine(TransactionId Transaction, ProgrammeCode Programme, MerchantId Merchant, TerminalId Terminal, long Quantity, long CitizenPaidMinor, long SubsidyMinor, DateOnly DrawnOn, DateOnly RecordedOn, bool Offline);
