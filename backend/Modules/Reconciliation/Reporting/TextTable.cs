using System.Globalization;
using System.Text;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <param name="IsNumber">Digits, dates and codes: they run from left to right in any language.</param>
internal readonly record struct Cell(string Text, bool IsNumber)
{
    public static implicit operator Cell(string text) => new(text, IsNumber: false);
}

/// <summary>
/// Aligned columns in plain text. In a right-to-left report each line begins with a right-to-left mark, so that all lines have one direction
/// whatever stands in them, and each cell is isolated, so that no cell's text moves its neighbour's. Marks take no room.
/// </summary>
internal sealed class TextTable(bool isRightToLeft, params ReadOnlySpan<Cell> headings)
{
    public const char RightToLeftMark = '\u200F';

    private const char LeftToRightIsolate = '\u2066';
    private const char FirstStrongIsolate = '\u2068';
    private const char PopIsolate = '\u2069';
    private const string Gap = "  ";

    private readonly List<Cell[]> _rows = [headings.ToArray()];

    public void Add(params ReadOnlySpan<Cell> cells) => _rows.Add(cells.ToArray());

    public void WriteTo(StringBuilder text, bool hasHeading)
    {
        var rows = hasHeading ? _rows : _rows.Skip(1).ToList();
        var widths = Enumerable.Range(0, _rows[0].Length).Select(column => rows.Max(row => WidthOf(row[column].Text))).ToArray();
        foreach (var row in rows)
        {
            Write(text, row, widths);
            if (hasHeading && ReferenceEquals(row, rows[0]))
                WriteRule(text, widths);
        }
    }

    /// <summary>A text that keeps its own direction inside a right-to-left line.</summary>
    public static string Isolate(Cell cell, bool isRightToLeft)
    {
        // Left to right needs it only around what may run the other way.
        if (!isRightToLeft && (cell.IsNumber || cell.Text.All(symbol => symbol < '\u0590')))
            return cell.Text;
        return $"{(cell.IsNumber ? LeftToRightIsolate : FirstStrongIsolate)}{cell.Text}{PopIsolate}";
    }

    private void Write(StringBuilder text, Cell[] row, int[] widths)
    {
        var line = new StringBuilder();
        if (isRightToLeft)
            line.Append(RightToLeftMark);
        for (var column = 0; column < row.Length; column++)
        {
            var padding = new string(' ', widths[column] - WidthOf(row[column].Text));
            // Units stand under units: on the right, which is the end of a left-to-right cell and the beginning of a right-to-left one.
            var isPaddedBefore = row[column].IsNumber && !isRightToLeft;
            line.Append(column == 0 ? "" : Gap)
                .Append(isPaddedBefore ? padding : "")
                .Append(Isolate(row[column], isRightToLeft))
                .Append(isPaddedBefore ? "" : padding);
        }
        text.Append(line.ToString().TrimEnd()).Append('\n');
    }

    private void WriteRule(StringBuilder text, int[] widths) =>
        text.Append(isRightToLeft ? RightToLeftMark.ToString() : "").AppendJoin(Gap, widths.Select(width => new string('-', width))).Append('\n');

    /// <summary>Columns that the text takes: marks above and below letters, and invisible ones, take none.</summary>
    private static int WidthOf(string text) => text.EnumerateRunes().Count(rune =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format));
}
