using System.Text;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Merchants.Claiming;

internal enum CsvColumn
{
    TransactionId,
    TerminalId,
    Programme,
    Quantity,
    CitizenPaidMinor,
    BusinessDate,
    ReceiptNumber,
    Kind,
}

/// <summary>The first line: which column stands where. Headings may be English or Arabic, in any order.</summary>
internal sealed class CsvHeading
{
    private static readonly Dictionary<string, CsvColumn> Names = Enumerable.ToDictionary(
        [
            ("transaction_id", CsvColumn.TransactionId), ("رقم العملية", CsvColumn.TransactionId),
            ("terminal_id", CsvColumn.TerminalId), ("رقم الماكينة", CsvColumn.TerminalId),
            ("programme", CsvColumn.Programme), ("رقم البرنامج", CsvColumn.Programme),
            ("quantity", CsvColumn.Quantity), ("الكمية", CsvColumn.Quantity),
            ("citizen_paid_minor", CsvColumn.CitizenPaidMinor), ("المدفوع بالقرش", CsvColumn.CitizenPaidMinor),
            ("business_date", CsvColumn.BusinessDate), ("يوم العمل", CsvColumn.BusinessDate),
            ("receipt_number", CsvColumn.ReceiptNumber), ("رقم الإيصال", CsvColumn.ReceiptNumber),
            ("kind", CsvColumn.Kind), ("نوع السطر", CsvColumn.Kind),
        ],
        name => Fold(name.Item1),
        name => name.Item2);

    private static readonly CsvColumn[] Optional = [CsvColumn.BusinessDate, CsvColumn.ReceiptNumber, CsvColumn.Kind];

    private readonly int[] _positions;

    private CsvHeading(int[] positions, int count) => (_positions, Count) = (positions, count);

    /// <summary>Columns of the file.</summary>
    public int Count { get; }

    /// <summary>Null where the heading is one.</summary>
    public static UploadOutcome.Rejected? TryRead(IReadOnlyList<string> titles, out CsvHeading? heading)
    {
        var positions = new int[Enum.GetValues<CsvColumn>().Length];
        Array.Fill(positions, -1);
        heading = new CsvHeading(positions, titles.Count);
        for (var position = 0; position < titles.Count; position++)
        {
            if (!Names.TryGetValue(Fold(titles[position]), out var column))
                return Rejected("heading_unknown", $"Column {position + 1} has a heading that is none; take those of protocol/spec/merchant-ledger-csv.md.");
            if (positions[(int)column] >= 0)
                return Rejected("heading_twice", $"Column {position + 1} has the heading of an earlier one; give each once.");
            positions[(int)column] = position;
        }
        var missing = Enum.GetValues<CsvColumn>().Except(Optional).Where(column => positions[(int)column] < 0).Select(NameOf).ToList();
        return missing.Count == 0 ? null : Rejected("heading_missing", $"Add {string.Join(", ", missing)} to the first line.");
    }

    /// <summary>Where a column stands, from 0; null where the file does not have it.</summary>
    public int? PositionOf(CsvColumn column) => _positions[(int)column] is >= 0 and var position ? position : null;

    private static string NameOf(CsvColumn column) => Names.First(name => name.Value == column).Key;

    private static UploadOutcome.Rejected Rejected(string reason, string nextStep) => new("content", reason, nextStep);

    // What people and their keyboards vary: case, a space for an underscore, an alef without its hamza, a stretched letter.
    private static string Fold(string title)
    {
        var text = new StringBuilder(title.Length);
        foreach (var letter in CsvText.Clean(title))
        {
            if (letter != '\u0640')
                text.Append(Fold(letter));
        }
        return text.ToString();
    }

    private static char Fold(char letter) => char.ToLowerInvariant(letter) switch
    {
        ' ' => '_',
        'أ' or 'إ' or 'آ' => 'ا',
        'ة' => 'ه',
        var other => other,
    };
}
