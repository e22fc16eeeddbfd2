using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>What a line of one upload may say.</summary>
/// <param name="Terminals">Those that the merchant has or once had.</param>
/// <param name="Programmes">Those that it serves or once served.</param>
/// <param name="OldestDate">Dates before it are closed.</param>
internal sealed record LineCheck(IReadOnlySet<TerminalId> Terminals, IReadOnlySet<ProgrammeCode> Programmes, DateOnly UploadDate, DateOnly OldestDate)
{
    public const int ReceiptNumberLengthMax = 16;

    /// <summary>The most that a card signs for one programme.</summary>
    public const long QuantityMax = int.MaxValue;

    /// <summary>Far beyond any draw, and small enough that a day of a country's lines adds up in 64 bits.</summary>
    public const long PaidMinorMax = 99_999_999_999;

    /// <summary>The first fault of the line; null where it is a claim.</summary>
    public LineFault? FaultOf(LedgerLine line, out Claim claim)
    {
        claim = default;
        if (!TransactionId.TryParse(line.TransactionId, out var transaction))
            return LineFault.TransactionMalformed;
        if (!TerminalId.TryParse(line.TerminalId, out var terminal))
            return LineFault.TerminalMalformed;
        if (!Terminals.Contains(terminal))
            return LineFault.TerminalNotYours;
        if (line.Programme is <= 0 or > ushort.MaxValue)
            return LineFault.ProgrammeMalformed;
        var programme = new ProgrammeCode((ushort)line.Programme);
        if (!Programmes.Contains(programme))
            return LineFault.ProgrammeNotServed;
        if (line.Quantity <= 0)
            return LineFault.QuantityNotPositive;
        if (line.Quantity > QuantityMax)
            return LineFault.QuantityTooLarge;
        if (line.CitizenPaidMinor < 0)
            return LineFault.PaidNegative;
        if (line.CitizenPaidMinor > PaidMinorMax)
            return LineFault.PaidTooLarge;
        var date = line.BusinessDate ?? UploadDate;
        if (date > UploadDate)
            return LineFault.DateAfterUpload;
        if (date < OldestDate)
            return LineFault.DateTooOld;
        if (!IsReceiptNumber(line.ReceiptNumber))
            return LineFault.ReceiptMalformed;
        claim = new Claim(transaction, terminal, programme, line.Quantity, line.CitizenPaidMinor, date, line.ReceiptNumber, line.IsRefund);
        return null;
    }

    // It begins with a letter or a digit, so that no spreadsheet takes it for a formula.
    private static bool IsReceiptNumber(string text) =>
        text.Length == 0
        || (text.Length <= ReceiptNumberLengthMax && char.IsLetterOrDigit(text[0]) && text.All(symbol => char.IsLetterOrDigit(symbol) || symbol is '-' or '/' or '.'));
}

/// <summary>A line that may be kept.</summary>
internal readonly record struct Claim(
    TransactionId Transaction, TerminalId Terminal, ProgrammeCode Programme, long Quantity, long CitizenPaidMinor, DateOnly BusinessDate, string ReceiptNumber, bool IsRefund);
