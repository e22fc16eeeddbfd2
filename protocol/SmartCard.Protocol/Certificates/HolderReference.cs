using System.Text;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Certificates;

/// <summary>
/// Who holds or issued a certificate: 1 to 16 digits and capital letters (tags 5F20 and 42). An authority's ends with a number that tells
/// its key generations apart; a terminal's is its id and a five-digit serial number; a card's is its number. <see cref="ToString"/> masks a card number.
/// </summary>
public readonly record struct HolderReference
{
    public const int LengthMax = 16;

    private const int SerialDigits = 5;
    private const int SerialLimit = 100_000;

    private readonly string? _value;

    private HolderReference(string value) => _value = value;

    public string Value => _value ?? "";

    public bool IsEmpty => _value is null;

    public static bool TryParse(string? text, out HolderReference reference)
    {
        reference = default;
        if (text is not { Length: > 0 and <= LengthMax } || !text.All(c => c is (>= '0' and <= '9') or (>= 'A' and <= 'Z')))
            return false;
        reference = new(text);
        return true;
    }

    public static HolderReference Parse(string text) =>
        TryParse(text, out var reference) ? reference : throw new FormatException("A holder reference is 1 to 16 digits and capital letters.");

    public static HolderReference ForCard(CardNumber card) => new(card.FullDigits);

    /// <param name="serial">0 to 99,999: another one for each certificate of the terminal.</param>
    public static HolderReference ForTerminal(TerminalId terminal, int serial)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(serial);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(serial, SerialLimit);
        return new(terminal.Value + serial.ToString("D5"));
    }

    public bool TryGetCard(out CardNumber card) => CardNumber.TryParse(Value, out card);

    public bool TryGetTerminal(out TerminalId terminal)
    {
        terminal = default;
        return Value.Length == TerminalId.Length + SerialDigits
            && Value.AsSpan(TerminalId.Length).IndexOfAnyExceptInRange('0', '9') < 0
            && TerminalId.TryParse(Value[..TerminalId.Length], out terminal);
    }

    public override string ToString() => TryGetCard(out var card) ? card.ToString() : Value;

    internal static bool TryDecode(ReadOnlySpan<byte> ascii, out HolderReference reference)
    {
        reference = default;
        return ascii.Length is > 0 and <= LengthMax && TryParse(Encoding.ASCII.GetString(ascii), out reference);
    }

    internal byte[] Encode() => Encoding.ASCII.GetBytes(Value);
}
