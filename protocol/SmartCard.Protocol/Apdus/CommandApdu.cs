using System.Buffers.Binary;

namespace SmartCard.Protocol.Apdus;

/// <summary>
/// One command to a card (ISO 7816-4, 5.2): a four-byte header, data of 0 to 65,535 bytes and the number of answer bytes expected.
/// Two commands are equal when their bytes are. <see cref="ToString"/> leaves the data out: it may be a PIN.
/// </summary>
/// <param name="Le">Null when no data is expected; otherwise 1 to 65,536, where 256 is what the short form writes as 00.</param>
public sealed record CommandApdu(byte Cla, byte Ins, byte P1, byte P2, ReadOnlyMemory<byte> Data, int? Le)
{
    public const int ShortDataBytesMax = 255;
    public const int ShortLeMax = 256;

    private const int ExtendedDataBytesMax = 65_535;
    private const int ExtendedLeMax = 65_536;

    public CommandApdu(byte cla, byte ins, byte p1, byte p2)
        : this(cla, ins, p1, p2, ReadOnlyMemory<byte>.Empty, null)
    {
    }

    /// <summary>True when the short form (one length byte) cannot carry the command.</summary>
    public bool NeedsExtendedLength => Data.Length > ShortDataBytesMax || Le > ShortLeMax;

    /// <summary>
    /// Reads a command of case 1 to 4, short or extended (ISO 7816-3, 12.1.3). The data is copied.
    /// A refusal is 6700, the status a card answers.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out CommandApdu command, out StatusWord refusal)
    {
        command = Empty;
        refusal = StatusWord.WrongLength;
        if (bytes.Length < 4)
            return false;

        var body = bytes[4..];
        if (!TryReadBody(body, out var data, out var le))
            return false;

        command = new CommandApdu(bytes[0], bytes[1], bytes[2], bytes[3], data.ToArray(), le);
        refusal = StatusWord.Success;
        return true;
    }

    /// <summary>The command's bytes: the short form when it fits, otherwise the extended form.</summary>
    /// <exception cref="InvalidOperationException">More than 65,535 bytes of data, or an Le that does not exist.</exception>
    public byte[] Encode()
    {
        if (Data.Length > ExtendedDataBytesMax || Le is < 1 or > ExtendedLeMax)
            throw new InvalidOperationException($"No APDU carries {Data.Length} bytes of data and Le {Le}.");
        return NeedsExtendedLength ? EncodeExtended() : EncodeShort();
    }

    public bool Equals(CommandApdu? other) =>
        other is not null
        && Cla == other.Cla && Ins == other.Ins && P1 == other.P1 && P2 == other.P2 && Le == other.Le
        && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Cla);
        hash.Add(Ins);
        hash.Add(P1);
        hash.Add(P2);
        hash.Add(Le);
        hash.AddBytes(Data.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{Cla:X2} {Ins:X2} {P1:X2} {P2:X2} [{Data.Length}] Le {Le?.ToString() ?? "-"}";

    private static CommandApdu Empty { get; } = new(0, 0, 0, 0);

    private static bool TryReadBody(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data, out int? le)
    {
        data = default;
        le = null;
        if (body.IsEmpty)
            return true; // case 1
        if (body.Length == 1)
        {
            le = ShortLe(body[0]); // case 2 short
            return true;
        }

        return body[0] == 0 ? TryReadExtended(body[1..], out data, out le) : TryReadShort(body, out data, out le);
    }

    private static bool TryReadShort(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data, out int? le)
    {
        data = default;
        le = null;
        int lc = body[0];
        var rest = body.Length - 1 - lc;
        if (rest is not (0 or 1))
            return false;
        data = body.Slice(1, lc);
        if (rest == 1)
            le = ShortLe(body[^1]);
        return true;
    }

    private static bool TryReadExtended(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data, out int? le)
    {
        data = default;
        le = null;
        if (body.Length < 2)
            return false;
        int first = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (body.Length == 2)
        {
            le = ExtendedLe(first);
            return true;
        }

        var rest = body.Length - 2 - first;
        if (first == 0 || rest is not (0 or 2))
            return false;
        data = body.Slice(2, first);
        if (rest == 2)
            le = ExtendedLe(BinaryPrimitives.ReadUInt16BigEndian(body[^2..]));
        return true;
    }

    private byte[] EncodeShort()
    {
        var bytes = new byte[4 + (Data.IsEmpty ? 0 : 1 + Data.Length) + (Le is null ? 0 : 1)];
        WriteHeader(bytes);
        if (!Data.IsEmpty)
        {
            bytes[4] = (byte)Data.Length;
            Data.Span.CopyTo(bytes.AsSpan(5));
        }

        if (Le is int le)
            bytes[^1] = (byte)(le & 0xFF);
        return bytes;
    }

    private byte[] EncodeExtended()
    {
        var bytes = new byte[5 + (Data.IsEmpty ? 0 : 2 + Data.Length) + (Le is null ? 0 : 2)];
        WriteHeader(bytes);
        if (!Data.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(5), (ushort)Data.Length);
            Data.Span.CopyTo(bytes.AsSpan(7));
        }

        if (Le is int le)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(bytes.Length - 2), (ushort)(le & 0xFFFF));
        return bytes;
    }

    private void WriteHeader(byte[] bytes)
    {
        bytes[0] = Cla;
        bytes[1] = Ins;
        bytes[2] = P1;
        bytes[3] = P2;
    }

    private static int ShortLe(byte value) => value == 0 ? ShortLeMax : value;

    private static int ExtendedLe(int value) => value == 0 ? ExtendedLeMax : value;
}
