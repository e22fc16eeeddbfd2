namespace SmartCard.Protocol.Apdus;

/// <summary>An application identifier: 5 to 16 bytes (ISO 7816-4, 12.2.3). The default value is no identifier and has length 0.</summary>
public readonly record struct Aid
{
    public const int BytesMin = 5;
    public const int BytesMax = 16;

    private readonly byte[]? _bytes;

    /// <exception cref="ArgumentException">Not 5 to 16 bytes.</exception>
    public Aid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < BytesMin or > BytesMax)
            throw new ArgumentException($"An AID has {BytesMin} to {BytesMax} bytes, not {bytes.Length}.", nameof(bytes));
        _bytes = bytes.ToArray();
    }

    /// <summary>The subsidy application. The range F0 is unregistered: no registration authority gave it out.</summary>
    public static Aid Subsidy { get; } = new([0xF0, 0x53, 0x55, 0x42, 0x53, 0x49, 0x44, 0x59]);

    /// <summary>GlobalPlatform's issuer security domain.</summary>
    public static Aid IssuerSecurityDomain { get; } = new([0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]);

    public ReadOnlySpan<byte> Span => _bytes;

    public byte[] ToArray() => Span.ToArray();

    public static bool TryCreate(ReadOnlySpan<byte> bytes, out Aid aid)
    {
        aid = default;
        if (bytes.Length is < BytesMin or > BytesMax)
            return false;
        aid = new Aid(bytes);
        return true;
    }

    /// <summary>SELECT by partial name: true when this identifier begins with <paramref name="prefix"/> and the prefix has 5 bytes at least.</summary>
    public bool StartsWith(ReadOnlySpan<byte> prefix) => prefix.Length >= BytesMin && Span.StartsWith(prefix);

    public bool Equals(Aid other) => Span.SequenceEqual(other.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexString(Span);
}
