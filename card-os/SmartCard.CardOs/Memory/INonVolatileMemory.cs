namespace SmartCard.CardOs.Memory;

/// <summary>
/// What a card remembers without power: one image, replaced whole or not at all. Whatever moment the power fails in, the next <see cref="Read"/> gives the image
/// before or the image after.
/// </summary>
public interface INonVolatileMemory
{
    /// <summary>The newest whole image; empty when none was ever written.</summary>
    /// <exception cref="InvalidDataException">Something was written and no whole image is left, or these are not a card's bytes.</exception>
    byte[] Read();

    /// <summary>Returns once the image is durable.</summary>
    /// <exception cref="IOException">The medium failed; which of the two images is there shows at the next <see cref="Read"/>.</exception>
    void Write(ReadOnlySpan<byte> image);
}

/// <summary>Bytes at offsets: a file, or memory. Writes may tear anywhere; <see cref="Flush"/> makes them durable.</summary>
public interface IStorageMedium : IDisposable
{
    long Length { get; }

    /// <summary>Reads as many bytes as there are, at most the destination's length.</summary>
    int Read(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    void Flush();
}
