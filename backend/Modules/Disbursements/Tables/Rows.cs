using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Tables;

// The tables as the model sees them. The hot path writes and reads them by hand (LedgerColumns); everything else asks through these. Dates are
// yyyymmdd, instants milliseconds since 1970 in UTC; "bucket" leads every key, so that the schema can be distributed by it.

/// <summary>
/// One row a household, whose version is the turn to write: whoever raises it by one may write, nobody else. Its state is what draws have to know, in the words of
/// <see cref="Batches.HouseholdDocument"/>.
/// </summary>
internal sealed class HouseholdRow
{
    public short Bucket { get; set; }
    public HouseholdId Household { get; set; }
    public long Version { get; set; }
    public string State { get; set; } = "";
}

/// <summary>A balance of a period that left the household's state; hardly ever changed any more.</summary>
internal sealed class ClosedBalanceRow
{
    public short Bucket { get; set; }
    public HouseholdId Household { get; set; }
    public PeriodId Period { get; set; }
    public QuotaCode Quota { get; set; }
    public long Consumed { get; set; }
    public long Lent { get; set; }
    public long Credited { get; set; }
    public long QuotaLimit { get; set; }
    public int Day { get; set; }
    public long DayConsumed { get; set; }
}

/// <inheritdoc cref="ClosedBalanceRow"/>
internal sealed class ClosedAllowanceRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public PeriodId Period { get; set; }
    public QuotaCode Quota { get; set; }
    public HouseholdId Household { get; set; }
    public long Granted { get; set; }
    public long Settled { get; set; }
    public long ScriptCounter { get; set; }
}

internal sealed class DisbursementRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public HouseholdId Household { get; set; }
    public long Entry { get; set; }
    public short Status { get; set; }
    public short Reason { get; set; }
    public byte[] ContentHash { get; set; } = [];
    public TransactionId TransactionId { get; set; }
    public TerminalId Terminal { get; set; }
    public MerchantId Merchant { get; set; }
    public OutletId Outlet { get; set; }
    public bool Offline { get; set; }
    public int DrawnOn { get; set; }
    public int RecordedOn { get; set; }
    public long RecordedAt { get; set; }
    public long SubsidyMinor { get; set; }
    public long CitizenPaysMinor { get; set; }
    public long ChainBefore { get; set; }
    public long ChainAfter { get; set; }
    public byte[] Record { get; set; } = [];
    public byte[] Cryptogram { get; set; } = [];
    public byte[] Signature { get; set; } = [];
    public byte[] Basket { get; set; } = [];
    public string Lines { get; set; } = "";
    public byte[] Outcome { get; set; } = [];
}

internal sealed class MovementRow
{
    public short Bucket { get; set; }
    public long Entry { get; set; }
    public short Ordinal { get; set; }
    public HouseholdId Household { get; set; }
    public long? Undoes { get; set; }
    public short DebitKind { get; set; }
    public long DebitOwner { get; set; }
    public short CreditKind { get; set; }
    public long CreditOwner { get; set; }
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public short Unit { get; set; }
    public long Amount { get; set; }
}

internal sealed class LendingRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public long ScriptCounter { get; set; }
    public HouseholdId Household { get; set; }
    public long Entry { get; set; }
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public long Amount { get; set; }
    public long Granted { get; set; }
    public long LentAt { get; set; }
}

internal sealed class ReversalRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public HouseholdId Household { get; set; }
    public long Entry { get; set; }
    public long Undoes { get; set; }
    public short Reason { get; set; }
    public TerminalId Terminal { get; set; }
    public int ReversedOn { get; set; }
    public long ReversedAt { get; set; }
}

internal sealed class CreditRow
{
    public short Bucket { get; set; }
    public Guid CreditId { get; set; }
    public HouseholdId Household { get; set; }
    public long Entry { get; set; }
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public long Amount { get; set; }
    public long CreditedAt { get; set; }
}

/// <summary>Goods given back, or some of them. Names the draw by its key and by its entry.</summary>
internal sealed class RefundRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public Guid RefundId { get; set; }
    public HouseholdId Household { get; set; }
    public long Entry { get; set; }
    public long Undoes { get; set; }
    public TerminalId Terminal { get; set; }
    public MerchantId Merchant { get; set; }
    public byte[] Basket { get; set; } = [];
    public long SubsidyMinor { get; set; }
    public long CitizenGetsMinor { get; set; }
    public int RefundedOn { get; set; }
    public long RefundedAt { get; set; }
}

internal sealed class RefundLineRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public Guid RefundId { get; set; }
    public ProgrammeCode Programme { get; set; }
    public HouseholdId Household { get; set; }
    public TransactionId TransactionId { get; set; }
    public TerminalId Terminal { get; set; }
    public MerchantId Merchant { get; set; }
    public short Unit { get; set; }
    public long Quantity { get; set; }
    public long SubsidyMinor { get; set; }
    public long CitizenGetsMinor { get; set; }
    public int DrawnOn { get; set; }
    public int RefundedOn { get; set; }
}

/// <summary>What was lent to a card and given back, because no record of its period is taken any more.</summary>
internal sealed class ExpiryRow
{
    public short Bucket { get; set; }
    public long Entry { get; set; }
    public HouseholdId Household { get; set; }
    public CardNumber Card { get; set; }
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public long Amount { get; set; }
    public long ExpiredAt { get; set; }
}

/// <summary>How far the rest of a period has been turned into credits of the target period. It saves work; that nothing is doubled the credits' ids see to.</summary>
internal sealed class RolloverRow
{
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public PeriodId Target { get; set; }

    /// <summary>All households up to this one are done.</summary>
    public long HouseholdAfter { get; set; }
    public long? CompletedAt { get; set; }
}

internal sealed class FraudCaseRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public short Kind { get; set; }
    public byte[] ContentHash { get; set; } = [];
    public HouseholdId Household { get; set; }
    public TerminalId Terminal { get; set; }
    public MerchantId Merchant { get; set; }
    public int OpenedOn { get; set; }
    public long OpenedAt { get; set; }
    public byte[] Record { get; set; } = [];
    public byte[] Cryptogram { get; set; } = [];
    public byte[] Signature { get; set; } = [];
}

internal sealed class RefusedRecordRow
{
    public short Bucket { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public byte[] ContentHash { get; set; } = [];
    public short Reason { get; set; }
    public TerminalId Terminal { get; set; }
    public MerchantId Merchant { get; set; }
    public long RefusedAt { get; set; }
}

/// <summary>The next free entry number; processes take them in blocks.</summary>
internal sealed class EntryBlockRow
{
    public int Id { get; set; }
    public long Next { get; set; }
}
