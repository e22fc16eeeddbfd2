using System.Security.Cryptography;
using System.Text;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Enrolling;

/// <summary>
/// Twenty symbols of Crockford's base 32 in groups of five: 100 random bits, so that their hash needs neither salt nor stretching. It is typed
/// from a letter: case, spaces and dashes do not count, O is 0, I and L are 1, and digits may be Arabic ones.
/// </summary>
internal static class ActivationCode
{
    private const string Symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 20;
    private const int GroupLength = 5;

    /// <summary>Longest text that is looked at.</summary>
    private const int TypedLengthMax = 64;

    public static string Make(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Length];
        random.Fill(bytes);
        var code = new StringBuilder(Length + (Length / GroupLength));
        for (var index = 0; index < Length; index++)
        {
            if (index > 0 && index % GroupLength == 0)
                code.Append('-');
            code.Append(Symbols[bytes[index] % Symbols.Length]); // 256 is a multiple of 32: no symbol is likelier
        }
        CryptographicOperations.ZeroMemory(bytes);
        return code.ToString();
    }

    /// <summary>32 bytes; the terminal is part of it, so that a code is of no use at another.</summary>
    public static byte[] HashOf(TerminalId terminal, string typed) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"activation|{terminal.Value}|{Normalise(typed)}"));

    private static string Normalise(string typed)
    {
        var text = new StringBuilder(TypedLengthMax);
        foreach (var symbol in typed.AsSpan(0, Math.Min(typed.Length, TypedLengthMax)))
        {
            if (symbol is not '-' && !char.IsWhiteSpace(symbol))
                text.Append(Normalise(symbol));
        }
        return text.ToString();
    }

    private static char Normalise(char symbol) => char.ToUpperInvariant(symbol) switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        >= '\u0660' and <= '\u0669' and var digit => (char)('0' + (digit - '\u0660')),
        >= '\u06F0' and <= '\u06F9' and var digit => (char)('0' + (digit - '\u06F0')),
        var other => other,
    };
}
