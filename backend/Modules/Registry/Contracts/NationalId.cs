using System.Globalization;
using SmartCard.Backend.Registry.Divisions;

namespace SmartCard.Backend.Registry.Contracts;

/// <summary>
/// Egypt's national number: 14 digits. Century (2: 1900s, 3: 2000s) | birth date YYMMDD | governorate of birth (88: abroad) | serial of
/// four, the last odd for men | check digit.
/// </summary>
/// <remarks><see cref="ToString"/> shows nothing: a number that slips into a log must not identify anybody.</remarks>
public readonly record struct NationalId
{
    public const int Digits = 14;

    private const short BornAbroad = 88;

    private readonly string? _digits;

    private NationalId(string digits) => _digits = digits;

    /// <summary>All fourteen digits; never for a log.</summary>
    public string FullDigits => _digits ?? throw new InvalidOperationException("The national id is not set.");

    public DateOnly BornOn => TryReadDate(FullDigits, out var date) ? date : throw new InvalidOperationException("The national id is validated.");

    public bool IsMale => (FullDigits[12] - '0') % 2 == 1;

    /// <summary>Reads and validates; <paramref name="problem"/> is the first thing wrong, from left to right.</summary>
    public static bool TryParse(string? text, out NationalId id, out NationalIdProblem problem) => TryParse(text, checkDigitCounts: true, out id, out problem);

    internal static bool TryParse(string? text, bool checkDigitCounts, out NationalId id, out NationalIdProblem problem)
    {
        id = default;
        problem = ProblemOf(text, checkDigitCounts);
        if (problem != NationalIdProblem.None)
            return false;
        id = new NationalId(text!);
        return true;
    }

    public override string ToString() => "(national id)";

    private static NationalIdProblem ProblemOf(string? text, bool checkDigitCounts)
    {
        if (text is not { Length: Digits })
            return NationalIdProblem.Length;
        if (!text.All(char.IsAsciiDigit))
            return NationalIdProblem.NotDigits;
        if (text[0] is not ('2' or '3'))
            return NationalIdProblem.Century;
        if (!TryReadDate(text, out _))
            return NationalIdProblem.BirthDate;
        var governorate = short.Parse(text.AsSpan(7, 2), CultureInfo.InvariantCulture);
        if (governorate != BornAbroad && !Governorates.Exists(governorate))
            return NationalIdProblem.Governorate;
        if (text.AsSpan(9, 4) is "0000")
            return NationalIdProblem.Serial;
        return checkDigitCounts && text[13] - '0' != NationalIdCheckDigit.Of(text[..13])
            ? NationalIdProblem.CheckDigit
            : NationalIdProblem.None;
    }

    private static bool TryReadDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact((text[0] == '2' ? "19" : "20") + text[1..7], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
}

/// <summary>What is wrong with a national id, in the order of its digits.</summary>
public enum NationalIdProblem
{
    None = 0,
    Length = 1,
    NotDigits = 2,
    Century = 3,
    BirthDate = 4,
    Governorate = 5,
    Serial = 6,
    CheckDigit = 7,
}

/// <summary>
/// The fourteenth digit: 11 less the weighted sum of the others modulo 11, of which the last digit counts. The ministry has not
/// published its rule; this is the one that public software uses, and it is disputed for some numbers. Setting
/// Registry:NationalIdCheckDigit to "ignore" lets such people in.
/// </summary>
public static class NationalIdCheckDigit
{
    private static ReadOnlySpan<byte> Weights => [2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

    /// <param name="digits">The first thirteen, ASCII.</param>
    public static int Of(string digits)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digits.Length, Weights.Length);
        var sum = 0;
        for (var index = 0; index < digits.Length; index++)
            sum += Weights[index] * (digits[index] - '0');
        return (11 - (sum % 11)) % 10;
    }
}
