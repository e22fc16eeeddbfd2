using System.Globalization;
using System.Text;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>
/// Lays words out on paper of a fixed number of columns, in the order in which they are read: the start of a line is its right edge in Arabic. Every
/// Arabic line opens with a right-to-left mark, so that one that begins with a number is not taken for left-to-right text.
/// </summary>
internal sealed class PaperText(int columns, bool isRightToLeft)
{
    private const char RightToLeftMark = '\u200F';
    private const char LeftToRightIsolate = '\u2066';
    private const char PopIsolate = '\u2069';

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    /// <summary>Keeps its inner order whatever stands around it: dates, times, identifiers.</summary>
    public string Isolate(string leftToRight) => isRightToLeft ? $"{LeftToRightIsolate}{leftToRight}{PopIsolate}" : leftToRight;

    public PaperText Centre(string words)
    {
        foreach (var line in Wrap(words, columns))
            Line(new string(' ', (columns - WidthOf(line)) / 2) + line);
        return this;
    }

    public PaperText Start(string words)
    {
        foreach (var line in Wrap(words, columns))
            Line(line);
        return this;
    }

    /// <summary>One at each edge; on two lines where they do not fit beside each other.</summary>
    public PaperText Pair(string start, string end)
    {
        var gap = columns - WidthOf(start) - WidthOf(end);
        if (gap >= 1)
            return Line(start + new string(' ', gap) + end);
        Start(start);
        return Line(new string(' ', Math.Max(0, columns - WidthOf(end))) + end);
    }

    public PaperText Rule() => Line(new string('-', columns));

    public PaperText Blank() => Line("");

    /// <summary>Columns that a text takes: marks above a letter and direction controls take none.</summary>
    public static int WidthOf(string words)
    {
        var width = 0;
        foreach (var rune in words.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format))
                width++;
        }

        return width;
    }

    private PaperText Line(string words)
    {
        if (isRightToLeft && words.Length > 0)
            _text.Append(RightToLeftMark);
        _text.Append(words.TrimEnd(' ')).Append('\n');
        return this;
    }

    private static IEnumerable<string> Wrap(string words, int columns)
    {
        var line = new StringBuilder();
        var width = 0;
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var wordWidth = WidthOf(word);
            if (width > 0 && width + 1 + wordWidth > columns)
            {
                yield return line.ToString();
                line.Clear();
                width = 0;
            }

            if (width > 0)
                line.Append(' ');
            line.Append(word);
            width += wordWidth + (width > 0 ? 1 : 0);
        }

        if (width > 0)
            yield return line.ToString();
    }
}
