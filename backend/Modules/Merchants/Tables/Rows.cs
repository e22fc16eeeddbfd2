using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Tables;

internal sealed class MerchantRow
{
    public MerchantId MerchantId { get; set; }
    public MerchantKind Kind { get; set; }
    public string NameAr { get; set; } = "";
    public string NameFr { get; set; } = "";
    public string NameEn { get; set; } = "";

    /// <summary>Why it is suspended; null where it is not.</summary>
    public string? SuspendedBecause { get; set; }
}

/// <summary>A programme that a merchant serves, or once served: claims of those days stay right.</summary>
internal sealed class MerchantProgrammeRow
{
    public MerchantId MerchantId { get; set; }
    public ProgrammeCode Programme { get; set; }
    public bool Served { get; set; }
}

internal sealed class OutletRow
{
    public OutletId OutletId { get; set; }
    public MerchantId MerchantId { get; set; }
    public string NameAr { get; set; } = "";
    public string NameFr { get; set; } = "";
    public string NameEn { get; set; } = "";
    public short Governorate { get; set; }
}

internal sealed class TerminalRow
{
    public TerminalId TerminalId { get; set; }
    public OutletId OutletId { get; set; }
    public TerminalState State { get; set; }

    /// <summary>The enrolment in force; null before the first.</summary>
    public long? EnrolmentId { get; set; }

    /// <summary>Of the TLS certificate in force; kept here too, because every call asks for it.</summary>
    public string TlsSerialNumber { get; set; } = "";
    public DateTimeOffset? RevokedAt { get; set; }
    public string? RevokedBecause { get; set; }

    /// <summary>Who may carry its draws; null where nobody may.</summary>
    public string? Aggregator { get; set; }
}

/// <summary>A code that a merchant was given for one terminal at one outlet; the highest id of a terminal is the valid one.</summary>
internal sealed class ActivationCodeRow
{
    public long CodeId { get; set; }
    public TerminalId TerminalId { get; set; }
    public OutletId OutletId { get; set; }
    public byte[] CodeHash { get; set; } = [];
    public DateTimeOffset IssuedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public int Tries { get; set; }
    public DateTimeOffset? SpentAt { get; set; }
}

/// <summary>Keys of a terminal that were allowed (by a code, or by the certificate before) and, once completed, certified.</summary>
internal sealed class EnrolmentRow
{
    public long EnrolmentId { get; set; }
    public TerminalId TerminalId { get; set; }
    public OutletId OutletId { get; set; }
    public byte[] RequestHash { get; set; } = [];

    /// <summary>Null for a renewal.</summary>
    public long? CodeId { get; set; }
    public DateTimeOffset AllowedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    public string TlsSerialNumber { get; set; } = "";
    public byte[] TlsCertificate { get; set; } = [];

    /// <summary>Each certificate after its length, 4 bytes big-endian.</summary>
    public byte[] TlsChain { get; set; } = [];
    public byte[] CardCertificate { get; set; } = [];
    public DateTimeOffset NotAfter { get; set; }
}

/// <summary>One upload of ledger lines; its id is the caller's idempotency key.</summary>
internal sealed class UploadRow
{
    public Guid UploadId { get; set; }
    public MerchantId MerchantId { get; set; }
    public DateOnly BusinessDate { get; set; }
    public int BatchNumber { get; set; }

    /// <summary>SHA-256 over the header and everything that was sent: the same id with other content is no repetition.</summary>
    public byte[] ContentHash { get; set; } = [];
    public int Accepted { get; set; }
    public int Refused { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>A refused row as it was told, so that a repeated upload is told the same.</summary>
internal sealed class UploadRefusalRow
{
    public Guid UploadId { get; set; }
    public int RowNumber { get; set; }
    public string Reason { get; set; } = "";
}

/// <summary>One claim. The same claim in another upload, or twice in one, is another row: a double claim has to be seen.</summary>
internal sealed class LedgerLineRow
{
    public long LineId { get; set; }
    public Guid UploadId { get; set; }
    public MerchantId MerchantId { get; set; }
    public TerminalId TerminalId { get; set; }
    public TransactionId TransactionId { get; set; }
    public ProgrammeCode Programme { get; set; }
    public long Quantity { get; set; }
    public long CitizenPaidMinor { get; set; }
    public DateOnly BusinessDate { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
    public string ReceiptNumber { get; set; } = "";
    public bool IsRefund { get; set; }
}

internal sealed class BatchRow
{
    public long BatchId { get; set; }
    public TerminalId TerminalId { get; set; }
    public int BatchNumber { get; set; }
    public MerchantId MerchantId { get; set; }
    public DateOnly BusinessDate { get; set; }
    public DateTimeOffset OpenedAt { get; set; }
    public DateTimeOffset ClosedAt { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
    public bool Balanced { get; set; }
}

/// <summary>One programme of a batch, by one side.</summary>
internal sealed class BatchTotalRow
{
    public long BatchId { get; set; }
    public BatchSide Side { get; set; }
    public ProgrammeCode Programme { get; set; }
    public int Draws { get; set; }
    public long Quantity { get; set; }
    public long CitizenPaidMinor { get; set; }
}

internal enum BatchSide
{
    /// <summary>What the terminal says of the batch.</summary>
    Terminal = 1,

    /// <summary>What the ledger says of the terminal's day so far, earlier batches of the day included.</summary>
    HostDay = 2,
}
