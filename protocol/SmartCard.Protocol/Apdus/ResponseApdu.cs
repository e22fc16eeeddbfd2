namespace SmartCard.Protocol.Apdus;

/// <summary>
/// A card's answer (ISO 7816-4, 5.3): 0 to 65,536 bytes of data and a status word. Two answers are equal when their bytes are.
/// </summary>
public sealed record ResponseApdu(ReadOnlyMemory<byte> Data, StatusWord Status)
{
    private const int DataBytesMax = 65_536;

    public ResponseApdu(StatusWord status)
        : this(ReadOnlyMemory<byte>.Empty, status)
    {
    }

    /// <summary>Fails on fewer than two bytes and on more than 65,538. The data is copied.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ResponseApdu response)
    {
        response = Unreadable;
        if (bytes.Length is < 2 or > DataBytesMax + 2)
            return false;
        response = new ResponseApdu(bytes[..^2].ToArray(), StatusWord.FromBytes(bytes[^2], bytes[^1]));
        return true;
    }

    public byte[] Encode()
    {
        var bytes = new byte[Data.Length + 2];
        Data.Span.CopyTo(bytes);
        bytes[^2] = Status.Sw1;
        bytes[^1] = Status.Sw2;
        return bytes;
    }

    public bool Equals(ResponseApdu? other) =>
        other is not null && Status == other.Status && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Status);
        hash.AddBytes(Data.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{Data.Length}] {Status}";

    private static ResponseApdu Unreadable { get; } = new(StatusWord.NoPreciseDiagnosis);
}
