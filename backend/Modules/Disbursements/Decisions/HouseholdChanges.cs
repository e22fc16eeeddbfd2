using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What the decisions of a batch add to one household: written as a whole or not at all.</summary>
internal sealed class HouseholdChanges
{
    public List<DisbursementEntry> Disbursements { get; } = [];
    public List<Movement> Movements { get; } = [];
    public List<LendingEntry> Lendings { get; } = [];
    public List<ReversalEntry> Reversals { get; } = [];
    public List<CreditEntry> Credits { get; } = [];
    public List<RefundEntry> Refunds { get; } = [];
    public List<RefundLine> RefundLines { get; } = [];
    public List<ExpiryEntry> Expiries { get; } = [];

    /// <summary>Each once, whatever happened to it.</summary>
    public List<Balance> Balances { get; } = [];

    /// <summary>Each once, whatever happened to it.</summary>
    public List<LentAllowance> Allowances { get; } = [];

    /// <summary>Written with the rest, or by themselves where nothing else changed.</summary>
    public List<FraudCase> Cases { get; } = [];

    public bool TouchLedger => Disbursements.Count + Reversals.Count + Credits.Count + Movements.Count > 0;
}

/// <summary>The row of one (card, ATC).</summary>
internal sealed record DisbursementEntry(
    Occupant Occupant, DeclineReason? Reason, SignedRecord Signed, ReadOnlyMemory<byte> Basket, MerchantId Merchant, OutletId Outlet,
    DateOnly RecordedOn, DateTimeOffset RecordedAt, IReadOnlyList<DisbursementLine> Lines, long SubsidyMinor, long CitizenPaysMinor);

/// <summary>One programme of an approved disbursement: what reconciliation and settlement count.</summary>
internal sealed record DisbursementLine(ProgrammeCode Programme, QuantityUnit Unit, long Quantity, long SubsidyMinor, long CitizenPaysMinor);

/// <param name="Granted">The card's total of the period after this lending.</param>
internal sealed record LendingEntry(long Entry, CardNumber Card, uint ScriptCounter, QuotaCode Quota, PeriodId Period, long Amount, long Granted, DateTimeOffset At);

internal sealed record ReversalEntry(long Entry, CardNumber Card, Atc Atc, long Undoes, ReversalReason Reason, TerminalId Terminal, DateOnly ReversedOn, DateTimeOffset At);

internal sealed record CreditEntry(long Entry, Guid CreditId, QuotaCode Quota, PeriodId Period, long Amount, DateTimeOffset At);

/// <param name="Undoes">The entry of the draw.</param>
/// <param name="Basket">What was given back, packed like the draw's own.</param>
internal sealed record RefundEntry(
    long Entry, CardNumber Card, Atc Atc, Guid RefundId, long Undoes, TerminalId Terminal, MerchantId Merchant, ReadOnlyMemory<byte> Basket,
    long SubsidyMinor, long CitizenGetsMinor, DateOnly RefundedOn, DateTimeOffset At);

/// <summary>One programme of a refund: what settlement takes off.</summary>
internal sealed record RefundLine(
    RefundEntry Refund, TransactionId Transaction, ProgrammeCode Programme, QuantityUnit Unit, long Quantity, long SubsidyMinor, long CitizenGetsMinor, DateOnly DrawnOn);

/// <summary>What was lent and is given back unspent.</summary>
internal sealed record ExpiryEntry(long Entry, CardNumber Card, QuotaCode Quota, PeriodId Period, long Amount, DateTimeOffset At);

/// <summary>Why somebody should look. The numbers are in the ledger: never reuse one.</summary>
internal enum FraudKind : short
{
    WrongCryptogram = 1,
    WrongSignature = 2,
    AtcReplayed = 3,
    ChainForked = 4,
    BeyondAllowance = 5,

    /// <summary>An offline draw of a card after it was blocked: paid, because the merchant could not know, but looked into.</summary>
    OfflineAfterBlock = 6,
}

/// <summary>The evidence of one case; the same evidence again opens no second one.</summary>
internal sealed record FraudCase(FraudKind Kind, HouseholdId Household, SignedRecord Signed, TerminalStanding Terminal, DateOnly OpenedOn, DateTimeOffset At);

/// <summary>A record that took no (card, ATC): it could not be shown to be the card's.</summary>
internal sealed record RefusedRecord(DeclineReason Reason, short Bucket, SignedRecord Signed, TerminalStanding Terminal, DateTimeOffset At);
