using System.Buffers;

namespace SmartCard.Protocol.Tlv;

/// <summary>Writes TLV objects one after another, each with the shortest length. Append calls can be strung together.</summary>
public sealed class TlvWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public int Length => _buffer.WrittenCount;

    public ReadOnlySpan<byte> WrittenSpan => _buffer.WrittenSpan;

    public TlvWriter Append(Tag tag, ReadOnlySpan<byte> value)
    {
        WriteHeader(tag, value.Length);
        _buffer.Write(value);
        return this;
    }

    public TlvWriter Append(Tag tag, byte value) => Append(tag, [value]);

    /// <summary>A constructed object whose children <paramref name="writeChildren"/> appends.</summary>
    public TlvWriter Append(Tag tag, Action<TlvWriter> writeChildren)
    {
        var children = new TlvWriter();
        writeChildren(children);
        return Append(tag, children.WrittenSpan);
    }

    /// <summary>Bytes that are TLV already.</summary>
    public TlvWriter AppendEncoded(ReadOnlySpan<byte> objects)
    {
        _buffer.Write(objects);
        return this;
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>The bytes that tag, length and a value of this length take.</summary>
    public static int EncodedLength(Tag tag, int valueLength) => tag.EncodedLength + LengthOfLength(valueLength) + valueLength;

    private void WriteHeader(Tag tag, int length)
    {
        var header = _buffer.GetSpan(Tag.BytesMax + 4);
        tag.Write(header);
        var position = tag.EncodedLength;
        var lengthBytes = LengthOfLength(length) - 1;
        if (lengthBytes > 0)
            header[position++] = (byte)(0x80 | lengthBytes);
        for (var shift = 8 * (Math.Max(lengthBytes, 1) - 1); shift >= 0; shift -= 8)
            header[position++] = (byte)((length >> shift) & 0xFF);
        _buffer.Advance(position);
    }

    private static int LengthOfLength(int length) => length switch
    {
        < 0x80 => 1,
        <= 0xFF => 2,
        <= 0xFFFF => 3,
        <= 0xFFFFFF => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(length), length, "A TLV object here has at most 16,777,215 bytes."),
    };
}
