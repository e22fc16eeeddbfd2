using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>One line of goods.</summary>
/// <param name="Quantity">Pieces.</param>
public readonly record struct ReceiptLine(Text Name, uint Quantity, uint UnitPriceMinor, bool CitizenPays)
{
    public long TotalMinor => (long)Quantity * UnitPriceMinor;
}

/// <summary>What is left of a programme.</summary>
public readonly record struct ReceiptRemaining(Text Programme, QuantityUnit Unit, long Quantity, bool Offline);

/// <summary>What a receipt says, in no language yet.</summary>
public sealed record Receipt
{
    public required Text Merchant { get; init; }
    public required Text Outlet { get; init; }
    public required LocalMoment At { get; init; }
    public required TerminalId Terminal { get; init; }
    public required Advice Advice { get; init; }
    public required bool IsApproved { get; init; }

    /// <summary>ISO 4217 numeric code, and its decimals.</summary>
    public required ushort Currency { get; init; }
    public required int CurrencyDigits { get; init; }

    /// <summary>The terminal's own number; 0 where no draw was begun.</summary>
    public long Number { get; init; }
    public TransactionId? TransactionId { get; init; }

    /// <summary>The card's last four digits; empty where no card was read.</summary>
    public string LastFour { get; init; } = "";
    public IReadOnlyList<ReceiptLine> Lines { get; init; } = [];

    /// <summary>What the citizen pays the merchant.</summary>
    public long CitizenPaysMinor { get; init; }
    public IReadOnlyList<ReceiptRemaining> Remaining { get; init; } = [];

    /// <summary>True: printed again; marked as a copy.</summary>
    public bool IsCopy { get; init; }
}

/// <summary>What a refund's receipt says, in no language yet. Unless recorded, it says what to do, and no money.</summary>
public sealed record RefundReceipt
{
    public required Text Merchant { get; init; }
    public required Text Outlet { get; init; }

    /// <summary>When it was answered, or asked for while it is due.</summary>
    public required LocalMoment At { get; init; }
    public required TerminalId Terminal { get; init; }
    public required Advice Advice { get; init; }
    public required bool IsRecorded { get; init; }

    /// <summary>ISO 4217 numeric code, and its decimals.</summary>
    public required ushort Currency { get; init; }
    public required int CurrencyDigits { get; init; }

    /// <summary>The refund's own, such as R000001.</summary>
    public required string Number { get; init; }

    /// <summary>The receipt number and the transaction id of the draw.</summary>
    public required long DrawNumber { get; init; }
    public required TransactionId TransactionId { get; init; }
    public required string LastFour { get; init; }
    public required IReadOnlyList<ReceiptLine> Lines { get; init; }

    /// <summary>What the merchant gives back to the citizen; 0 unless recorded.</summary>
    public required long CitizenGetsMinor { get; init; }

    /// <summary>The backend's date of the refund; null unless recorded.</summary>
    public DateOnly? BusinessDate { get; init; }

    /// <summary>True: printed again; marked as a copy.</summary>
    public bool IsCopy { get; init; }
}
