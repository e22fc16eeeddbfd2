using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SmartCard.Protocol.Transactions;

/// <summary>Application transaction counter: 1 to 65,535, one more for each GENERATE AC of a card (EMV tag 9F36).</summary>
public readonly record struct Atc(ushort Value) : IComparable<Atc>
{
    public const ushort Last = ushort.MaxValue;

    public bool IsExhausted => Value == Last;

    public Atc Next() => IsExhausted ? throw new InvalidOperationException("The card has used its last transaction counter.") : new Atc((ushort)(Value + 1));

    public int CompareTo(Atc other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A terminal's identification: eight characters, digits and capital Latin letters (EMV tag 9F1C).</summary>
public readonly record struct TerminalId : IComparable<TerminalId>
{
    public const int Length = 8;

    private readonly string? _value;

    private TerminalId(string value) => _value = value;

    public string Value => _value ?? "00000000";

    public static bool TryParse(string? text, out TerminalId id)
    {
        id = default;
        if (text is not { Length: Length } || !text.All(IsAllowed))
            return false;
        id = new TerminalId(text);
        return true;
    }

    public static TerminalId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException("A terminal id is eight digits or capital letters.");

    public static bool TryDecode(ReadOnlySpan<byte> ascii, out TerminalId id)
    {
        id = default;
        return ascii.Length == Length && TryParse(Encoding.ASCII.GetString(ascii), out id);
    }

    public void Encode(Span<byte> destination) => Encoding.ASCII.GetBytes(Value, destination[..Length]);

    public int CompareTo(TerminalId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    private static bool IsAllowed(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'Z');
}

/// <summary>
/// The terminal's own key for one draw: 16 random bytes, chosen before the card commits. With the terminal id it
/// makes GENERATE AC idempotent; with the reversal it names what is in doubt.
/// </summary>
public readonly record struct TransactionId(UInt128 Value)
{
    public const int Length = 16;

    public static TransactionId Decode(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes[..Length]));

    public static bool TryParse(ReadOnlySpan<char> hex, out TransactionId id)
    {
        id = default;
        if (hex.Length != 2 * Length || !UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return false;
        id = new TransactionId(value);
        return true;
    }

    public void Encode(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Encode(bytes);
        return bytes;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>What a card can be used for; the numbers are the country profile's.</summary>
public readonly record struct ProgrammeCode(ushort Value) : IComparable<ProgrammeCode>
{
    public static readonly ProgrammeCode Bread = new(1);
    public static readonly ProgrammeCode Groceries = new(2);
    public static readonly ProgrammeCode BreadPoints = new(3);

    public int CompareTo(ProgrammeCode other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An article of the profile's price list, such as one baladi loaf or 800 ml of mixed oil.</summary>
public readonly record struct CommodityCode(ushort Value) : IComparable<CommodityCode>
{
    public int CompareTo(CommodityCode other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a quantity counts. The numbers are on the card's wire and in the ledger: never reuse one.</summary>
public enum QuantityUnit : byte
{
    None = 0,
    Loaf = 1,

    /// <summary>The smallest unit of the record's currency: the piastre for EGP.</summary>
    MinorCurrency = 2,
    Piece = 3,
    Gram = 4,
}

/// <summary>What the card answered to GENERATE AC (EMV book 3, 6.5.5.4, bits 8-7 of the cryptogram information data).</summary>
public enum CryptogramKind : byte
{
    /// <summary>AAC: the card declined.</summary>
    Declined = 0x00,

    /// <summary>TC: the card approved offline and counted the draw against its allowance.</summary>
    Offline = 0x40,

    /// <summary>ARQC: the card asks the issuer; nothing was counted on the card.</summary>
    Online = 0x80,
}
