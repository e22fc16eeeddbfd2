using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Contracts;

/// <summary>Does what was recorded add up with what merchants claim.</summary>
public interface IReconciliation
{
    /// <summary>
    /// Reconciles one business date; again for the same date replaces the result (the run before is then not found) and keeps breaks'
    /// owners and ages. What the classes mean and how they add up: backend/docs/decisions/0004.
    /// </summary>
    Task<ReconciliationRun> RunAsync(DateOnly businessDate, string actor, CancellationToken cancellation);

    /// <summary>Null where the run is unknown or was replaced.</summary>
    /// <param name="language">"ar", "fr" or "en", for text; CSV and JSON are for machines and the same in all.</param>
    Task<Report?> ReportAsync(long runId, ReportFormat format, string language, CancellationToken cancellation);

    /// <summary>Breaks by merchant, terminal and kind. Null where the run is unknown or was replaced.</summary>
    /// <param name="afterBreakId">The last of the page before; 0 from the first.</param>
    /// <param name="pageSize">1 to 500.</param>
    Task<BreakPage?> BreaksAsync(long runId, long afterBreakId, int pageSize, CancellationToken cancellation);
}

/// <param name="Totals">Of draws.</param>
/// <param name="Refunds">Of goods that came back on the business date, whenever they were drawn: the subsidy is what the fund takes off, the citizens' money what they got back.</param>
public sealed record ReconciliationRun(long RunId, DateOnly BusinessDate, DateTimeOffset RanAt, ReconciliationTotals Totals, ReconciliationTotals Refunds);

/// <summary>
/// Recorded = Matched + Late + MissingAtMerchant + AmountDiffers; Claimed = Matched + Late + MissingAtMinistry + AmountDiffers + Duplicate.
/// </summary>
public sealed record ReconciliationTotals(
    long Recorded, long Claimed, long Matched, long MissingAtMerchant, long MissingAtMinistry, long AmountDiffers, long Duplicate, long Late,
    long RecordedSubsidyMinor, long ClaimedCitizenPaidMinor);

public enum ReportFormat
{
    Text = 1,
    Csv = 2,
    Json = 3,
}

public sealed record Report(ReadOnlyMemory<byte> Content, string MediaType);

public enum BreakKind
{
    MissingAtMerchant = 1,
    MissingAtMinistry = 2,
    AmountDiffers = 3,
    Duplicate = 4,
    Late = 5,

    /// <summary>The household has its quota back and the merchant's subsidy is taken off, but the merchant's book does not say so.</summary>
    RefundMissingAtMerchant = 6,

    /// <summary>The merchant says that goods came back, and no household has its quota for them.</summary>
    RefundMissingAtMinistry = 7,
    RefundAmountDiffers = 8,
    RefundDuplicate = 9,
    RefundLate = 10,
}

/// <param name="Terminal">The recorded terminal; the claimed one where nothing was recorded.</param>
/// <param name="Owner">Who has to settle it: "merchant", "operations" or "fraud".</param>
/// <param name="OpenedOn">Business date of the first run in which the line did not match.</param>
public sealed record Break(
    long BreakId, BreakKind Kind, TransactionId Transaction, TerminalId Terminal, MerchantId Merchant, ProgrammeCode Programme,
    long RecordedQuantity, long ClaimedQuantity, long RecordedCitizenPaidMinor, long ClaimedCitizenPaidMinor,
    DateOnly BusinessDate, string Owner, DateOnly OpenedOn);

public sealed record BreakPage(IReadOnlyList<Break> Breaks, bool More);
