namespace SmartCard.Protocol.Apdus;

/// <summary>An answer to reset: 2 to 33 bytes that begin with TS, 3B or 3F (ISO 7816-3, 8.2).</summary>
public readonly record struct Atr
{
    public const int BytesMin = 2;
    public const int BytesMax = 33;

    private readonly byte[]? _bytes;

    private Atr(byte[] bytes) => _bytes = bytes;

    /// <summary>What the emulated card answers: no historical bytes, T=0 and T=1 offered, T=1 negotiated by PC/SC, check byte 01.</summary>
    public static Atr VirtualCard { get; } = new([0x3B, 0x80, 0x80, 0x01, 0x01]);

    public ReadOnlySpan<byte> Span => _bytes;

    public byte[] ToArray() => Span.ToArray();

    public static bool TryCreate(ReadOnlySpan<byte> bytes, out Atr atr)
    {
        atr = default;
        if (bytes.Length is < BytesMin or > BytesMax || bytes[0] is not (0x3B or 0x3F))
            return false;
        atr = new Atr(bytes.ToArray());
        return true;
    }

    public bool Equals(Atr other) => Span.SequenceEqual(other.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexString(Span);
}
