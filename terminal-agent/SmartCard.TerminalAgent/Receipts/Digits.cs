using System.Globalization;
using System.Text;
using SmartCard.TerminalAgent.Messages;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>Which digits numbers are written with; a setting, for readers differ.</summary>
public enum DigitStyle
{
    /// <summary>0123456789.</summary>
    Western,

    /// <summary>٠١٢٣٤٥٦٧٨٩, in Arabic only.</summary>
    ArabicIndic,
}

/// <summary>How a receipt is to look.</summary>
/// <param name="Columns">32 or 42 for the usual paper; at least 24.</param>
public sealed record ReceiptStyle(Language Language, DigitStyle Digits, int Columns)
{
    internal bool IsArabicIndic => Language == Language.Arabic && Digits == DigitStyle.ArabicIndic;

    /// <summary>The same text with this style's digits; identifiers are not put through it.</summary>
    internal string WithDigits(string text)
    {
        if (!IsArabicIndic)
            return text;
        var converted = new StringBuilder(text.Length);
        foreach (var character in text)
            converted.Append(char.IsAsciiDigit(character) ? (char)('\u0660' + (character - '0')) : character);
        return converted.ToString();
    }

    internal string Number(long value) => WithDigits(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An amount of minor units with the separator that readers of the language expect.</summary>
    internal string Amount(long minor, int digits)
    {
        var divisor = 1L;
        for (var index = 0; index < digits; index++)
            divisor *= 10;
        var whole = Math.DivRem(Math.Abs(minor), divisor, out var rest);
        var sign = minor < 0 ? "-" : "";
        return WithDigits(digits == 0
            ? $"{sign}{whole}"
            : $"{sign}{whole}{Separator}{rest.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}");
    }

    private char Separator => this switch
    {
        { IsArabicIndic: true } => '\u066B',
        { Language: Language.French } => ',',
        _ => '.',
    };
}
