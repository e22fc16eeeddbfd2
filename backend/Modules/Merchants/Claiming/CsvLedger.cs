using System.Globalization;
using System.Text.Unicode;
using CsvHelper;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Merchants.Claiming;

/// <param name="Number">Line number in the file, the first being 1.</param>
/// <param name="Line">Set where <paramref name="Fault"/> is not.</param>
internal readonly record struct LedgerRow(int Number, LedgerLine? Line, LineFault? Fault);

/// <summary>
/// A merchant's book as CSV, see protocol/spec/merchant-ledger-csv.md. No column holds a line break, so every line break ends its row:
/// a quotation mark that is never closed spoils one row and no other.
/// </summary>
internal sealed class CsvLedger : IDisposable
{
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>Longer than anything that a column may hold, marks and spaces included.</summary>
    private const int FieldBytesMax = 256;

    private readonly CsvReader _reader;
    private CsvHeading? _heading;
    private long _malformedLine;

    private CsvLedger(ReadOnlyMemory<byte> utf8) =>
        _reader = CsvReader.Create(utf8, new CsvReaderOptions
        {
            Separator = SeparatorOf(utf8.Span),
            HasHeader = false,
            AllowLineBreaksInQuotes = false,
            SkipEmptyLines = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Recover,
            OnMalformedRecord = record => _malformedLine = record.LineNumber,
        });

    /// <summary>Reads the heading; the answer is null where the file is a ledger.</summary>
    public static UploadOutcome.Rejected? Open(ReadOnlyMemory<byte> content, out CsvLedger? ledger)
    {
        ledger = null;
        if (content.Length > BytesMax)
            return Rejected("content_too_large", $"Send a file of at most {BytesMax} bytes, the rest of the book in another upload.");
        if (!Utf8.IsValid(content.Span) || content.Span.Contains((byte)0))
            return Rejected("not_utf8", "Save the sheet as \"CSV UTF-8\" and send it again.");
        var utf8 = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;

        var opened = new CsvLedger(utf8);
        if (opened.ReadHeading() is { } refused)
        {
            opened.Dispose();
            return refused;
        }
        ledger = opened;
        return null;
    }

    /// <summary>The rows after the heading, once; rows without any text are passed over.</summary>
    public IEnumerable<LedgerRow> Rows()
    {
        while (_reader.Read())
        {
            if (!IsBlank())
                yield return CurrentRow((int)_reader.LineNumber);
        }
    }

    public void Dispose() => _reader.Dispose();

    private UploadOutcome.Rejected? ReadHeading()
    {
        if (!_reader.Read())
            return Rejected("content_empty", "Put the headings into the first line and a draw into each that follows.");
        if (_malformedLine == _reader.LineNumber)
            return Rejected("heading_malformed", "Close the quotation marks of the first line.");
        return CsvHeading.TryRead([.. Enumerable.Range(0, _reader.FieldCount).Select(_reader.GetString)], out _heading);
    }

    private bool IsBlank()
    {
        for (var field = 0; field < _reader.FieldCount; field++)
        {
            if (_reader.GetRawSpan(field).IndexOfAnyExcept(" \t"u8) >= 0)
                return false;
        }
        return true;
    }

    private LedgerRow CurrentRow(int number)
    {
        if (_malformedLine == _reader.LineNumber)
            return new LedgerRow(number, null, LineFault.QuotesMalformed);
        if (_reader.FieldCount != _heading!.Count)
            return new LedgerRow(number, null, LineFault.ColumnsMismatch);
        for (var field = 0; field < _reader.FieldCount; field++)
        {
            if (_reader.GetRawSpan(field).Length > FieldBytesMax)
                return new LedgerRow(number, null, LineFault.FieldTooLong);
        }
        return Parse(out var line) is { } fault ? new LedgerRow(number, null, fault) : new LedgerRow(number, line, null);
    }

    // What is text in the line is looked at with every other line's; here only what has no place in its types.
    private LineFault? Parse(out LedgerLine? line)
    {
        line = null;
        if (!CsvText.TryNumber(Text(CsvColumn.Programme), out var programme))
            return LineFault.ProgrammeMalformed;
        if (!CsvText.TryNumber(Text(CsvColumn.Quantity), out var quantity))
            return LineFault.QuantityMalformed;
        if (!CsvText.TryNumber(Text(CsvColumn.CitizenPaidMinor), out var paidMinor))
            return LineFault.PaidMalformed;
        DateOnly? date = null;
        if (Text(CsvColumn.BusinessDate) is { Length: > 0 } dateText)
        {
            if (!CsvText.TryDate(dateText, out var parsed))
                return LineFault.DateMalformed;
            date = parsed;
        }
        if (!CsvText.TryKind(Text(CsvColumn.Kind), out var isRefund))
            return LineFault.KindMalformed;
        line = new LedgerLine(
            Text(CsvColumn.TransactionId),
            Text(CsvColumn.TerminalId),
            (int)Math.Clamp(programme, int.MinValue, int.MaxValue),
            quantity,
            paidMinor,
            date,
            Text(CsvColumn.ReceiptNumber))
        {
            IsRefund = isRefund,
        };
        return null;
    }

    private string Text(CsvColumn column) =>
        _heading!.PositionOf(column) is { } position ? CsvText.Clean(_reader.GetString(position)) : "";

    // Excel takes the list separator of the country: the heading tells which.
    private static char SeparatorOf(ReadOnlySpan<byte> utf8)
    {
        var heading = utf8.TrimStart("\r\n"u8);
        var end = heading.IndexOfAny((byte)'\r', (byte)'\n');
        if (end >= 0)
            heading = heading[..end];
        return heading.Contains((byte)';') ? ';' : heading.Contains((byte)'\t') ? '\t' : ',';
    }

    private static UploadOutcome.Rejected Rejected(string reason, string nextStep) => new("content", reason, nextStep);
}
