using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Contracts;

/// <summary>What merchants claim: batch closes and ledger lines.</summary>
public interface IMerchantLedgers
{
    /// <summary>Adds lines under an upload id; good rows stay, refused ones are told one by one. The same upload id again adds nothing.</summary>
    Task<UploadOutcome> UploadAsync(LedgerUpload upload, IAsyncEnumerable<IReadOnlyList<LedgerLine>> chunks, CancellationToken cancellation);

    /// <summary>The same from CSV bytes (protocol/spec/merchant-ledger-csv.md).</summary>
    Task<UploadOutcome> UploadCsvAsync(LedgerUpload upload, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>All lines that claim a business date, streamed; for reconciliation.</summary>
    IAsyncEnumerable<ClaimedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation);

    /// <summary>Records a terminal's Z; the same batch with the same totals again is answered as the first time.</summary>
    Task<BatchOutcome> CloseBatchAsync(BatchClose batch, IReadOnlyList<BatchTotal> hostTotals, CancellationToken cancellation);
}

/// <param name="BatchNumber">0 for a merchant's own books.</param>
public sealed record LedgerUpload(Guid UploadId, MerchantId Merchant, DateOnly BusinessDate, int BatchNumber);

/// <summary>One line as uploaded, not yet checked; text where the merchant wrote text.</summary>
public sealed record LedgerLine(string TransactionId, string TerminalId, int Programme, long Quantity, long CitizenPaidMinor, DateOnly? BusinessDate, string ReceiptNumber)
{
    /// <summary>Goods of the draw came back: quantity and payment went the other way, on the line's business date.</summary>
    public bool IsRefund { get; init; }
}

/// <summary>One accepted line.</summary>
public readonly record struct ClaimedLine(TransactionId Transaction, ProgrammeCode Programme, MerchantId Merchant, TerminalId Terminal, long Quantity, long CitizenPaidMinor, DateOnly BusinessDate, DateTimeOffset ReceivedAt, long LineId)
{
    /// <inheritdoc cref="LedgerLine.IsRefund"/>
    public bool IsRefund { get; init; }
}

public abstract record UploadOutcome
{
    public sealed record Received(int Accepted, int Refused, IReadOnlyList<LineRefusal> Refusals, bool RepeatedUpload) : UploadOutcome;

    public sealed record Rejected(string Field, string Reason, string NextStep) : UploadOutcome;
}

public sealed record LineRefusal(int Row, string Column, string Reason, string NextStep);

public sealed record BatchClose(TerminalId Terminal, MerchantId Merchant, int BatchNumber, DateOnly BusinessDate, IReadOnlyList<BatchTotal> Totals, DateTimeOffset OpenedAt, DateTimeOffset ClosedAt);

public readonly record struct BatchTotal(ProgrammeCode Programme, int Draws, long Quantity, long CitizenPaidMinor);

public abstract record BatchOutcome
{
    public sealed record Closed(long BatchId, bool Balanced, IReadOnlyList<BatchTotal> HostTotals) : BatchOutcome;

    public sealed record Refused(string Reason, string NextStep) : BatchOutcome;
}
