using System.Globalization;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// The number of one card: 16 decimal digits, the last a Luhn check digit (ISO/IEC 7812-1 annex B).
/// On the wire it is eight bytes of packed BCD.
/// </summary>
/// <remarks><see cref="ToString"/> masks all but the last four digits, so that a number that slips into a log does not identify a household.</remarks>
public readonly record struct CardNumber : IComparable<CardNumber>
{
    public const int Digits = 16;
    public const int EncodedLength = 8;

    private const ulong Limit = 10_000_000_000_000_000;

    private CardNumber(ulong value) => Value = value;

    /// <summary>The sixteen digits as an integer.</summary>
    public ulong Value { get; }

    /// <summary>All sixteen digits, for keys and requests; never for a log or a receipt.</summary>
    public string FullDigits => Value.ToString("D16", CultureInfo.InvariantCulture);

    /// <summary>The last four digits, as printed on receipts.</summary>
    public string LastFour => (Value % 10_000).ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>Builds the number whose first fifteen digits are <paramref name="payload"/> by adding the check digit.</summary>
    public static CardNumber FromPayload(ulong payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(payload, Limit / 10);
        return new CardNumber((payload * 10) + (ulong)CheckDigit(payload));
    }

    public static bool TryFromValue(ulong value, out CardNumber number)
    {
        number = default;
        if (value >= Limit || (ulong)CheckDigit(value / 10) != value % 10)
            return false;
        number = new CardNumber(value);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out CardNumber number)
    {
        number = default;
        return text.Length == Digits
            && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && TryFromValue(value, out number);
    }

    /// <summary>Reads eight bytes of packed BCD; false where a nibble is no digit or the check digit is wrong.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bcd, out CardNumber number)
    {
        number = default;
        return bcd.Length == EncodedLength && Bcd.TryDecode(bcd, out var value) && TryFromValue(value, out number);
    }

    public void Encode(Span<byte> destination) => Bcd.Encode(Value, destination[..EncodedLength]);

    public byte[] ToBytes()
    {
        var bytes = new byte[EncodedLength];
        Encode(bytes);
        return bytes;
    }

    public int CompareTo(CardNumber other) => Value.CompareTo(other.Value);

    public override string ToString() => "****" + LastFour;

    private static int CheckDigit(ulong payload)
    {
        var sum = 0;
        for (var doubled = true; payload > 0; payload /= 10, doubled = !doubled)
        {
            var digit = (int)(payload % 10);
            if (doubled)
                digit = digit > 4 ? (digit * 2) - 9 : digit * 2;
            sum += digit;
        }
        return (10 - (sum % 10)) % 10;
    }
}
