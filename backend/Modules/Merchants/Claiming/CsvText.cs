using System.Globalization;
using System.Text;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>Text of a spreadsheet's cell. Digits may be Arabic ones; invisible direction marks, which spreadsheets add, do not count.</summary>
internal static class CsvText
{
    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy/MM/dd"];

    /// <summary>Without marks and outer spaces, digits as 0 to 9.</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var symbol in text)
        {
            if (!IsDirectionMark(symbol))
                clean.Append(AsciiDigit(symbol));
        }
        return clean.ToString().Trim();
    }

    /// <summary>A whole number in digits, with a minus where negative; false for anything else, also where it is too large to be looked at.</summary>
    public static bool TryNumber(string clean, out long number) =>
        long.TryParse(clean, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && clean[0] != '+';

    public static bool TryDate(string clean, out DateOnly date) =>
        DateOnly.TryParseExact(clean, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>What a line is about, in the words of either heading; nothing says a draw.</summary>
    public static bool TryKind(string clean, out bool isRefund)
    {
        isRefund = clean is "مرتجع" || clean.Equals("refund", StringComparison.OrdinalIgnoreCase);
        return isRefund || clean is "" or "صرف" || clean.Equals("draw", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsDirectionMark(char symbol) =>
        symbol is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF';

    private static char AsciiDigit(char symbol) => symbol switch
    {
        >= '\u0660' and <= '\u0669' => (char)('0' + (symbol - '\u0660')),
        >= '\u06F0' and <= '\u06F9' => (char)('0' + (symbol - '\u06F0')),
        _ => symbol,
    };
}
