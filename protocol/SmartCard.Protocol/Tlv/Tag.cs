namespace SmartCard.Protocol.Tlv;

/// <summary>
/// A BER tag as it is written: 0x5F49 is the two bytes 5F 49 (ISO 7816-4, 5.2.2.1). One to three bytes.
/// </summary>
public readonly record struct Tag(uint Value)
{
    public const int BytesMax = 3;

    public int EncodedLength => Value switch
    {
        <= 0xFF => 1,
        <= 0xFFFF => 2,
        _ => 3,
    };

    public byte FirstByte => (byte)(Value >> (8 * (EncodedLength - 1)));

    /// <summary>Bit 6 of the first byte: the value is itself a row of TLV objects.</summary>
    public bool IsConstructed => (FirstByte & 0x20) != 0;

    public static implicit operator Tag(uint value) => new(value);

    public static Tag FromUInt32(uint value) => new(value);

    /// <summary>Reads a tag; fails on an end of input, on more than three bytes, on 00 and on a number with leading zeros.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out Tag tag, out int length, out TlvRefusal refusal)
    {
        tag = default;
        length = 0;
        refusal = TlvRefusal.Truncated;
        if (bytes.IsEmpty)
            return false;

        uint value = bytes[0];
        length = 1;
        if ((value & 0x1F) == 0x1F)
        {
            byte next;
            do
            {
                if (length == BytesMax)
                {
                    refusal = TlvRefusal.BadTag;
                    return false;
                }

                if (length == bytes.Length)
                    return false;
                next = bytes[length++];
                value = (value << 8) | next;
            }
            while ((next & 0x80) != 0);
        }

        // X.690 8.1.2.4.2 forbids 80 as the first subsequent byte. It would also have numbers to 30 in one byte, but EMV's 9F02 is one of these.
        if (value == 0 || (length > 1 && bytes[1] == 0x80))
        {
            refusal = TlvRefusal.BadTag;
            return false;
        }

        tag = new Tag(value);
        refusal = TlvRefusal.None;
        return true;
    }

    internal void Write(Span<byte> destination)
    {
        var length = EncodedLength;
        for (var i = 0; i < length; i++)
            destination[i] = (byte)((Value >> (8 * (length - 1 - i))) & 0xFF);
    }

    public override string ToString() => Value.ToString("X");
}
