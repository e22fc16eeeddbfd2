using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Contracts;

/// <summary>Does what was recorded add up with what merchants claim.</summary>
public interface IReconciliation
{
    /// <summary>Reconciles one business date; again for the same date replaces the result and keeps breaks' owners and ages.</summary>
    Task<ReconciliationRun> RunAsync(DateOnly businessDate, string actor, CancellationToken cancellation);

    Task<Report?> ReportAsync(long runId, ReportFormat format, string language, CancellationToken cancellation);

    Task<BreakPage?> BreaksAsync(long runId, long afterBreakId, int pageSize, CancellationToken cancellation);
}

public sealed record ReconciliationRun(long RunId, DateOnly BusinessDate, DateTimeOffset RanAt, ReconciliationTotals Totals);

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
}

/// <param name="Owner">Who has to settle it: "merchant", "operations" or "fraud".</param>
public sealed record Break(
    long BreakId, BreakKind Kind, TransactionId Transaction, TerminalId Terminal, MerchantId Merchant, ProgrammeCode Programme,
    long RecordedQuantity, long ClaimedQuantity, long RecordedCitizenPaidMinor, long ClaimedCitizenPaidMinor,
    DateOnly BusinessDate, string Owner, DateOnly OpenedOn);

public sealed record BreakPage(IReadOnlyList<Break> Breaks, bool More);
