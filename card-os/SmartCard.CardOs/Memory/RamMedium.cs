namespace SmartCard.CardOs.Memory;

/// <summary>A card's memory that lasts as long as the process: for populations of cards, and for tests. The journal on it is the same.</summary>
public sealed class RamMedium : IStorageMedium
{
    private byte[] _bytes;

    public RamMedium()
        : this([])
    {
    }

    /// <summary>Begins with a copy of these bytes, such as a card's file.</summary>
    public RamMedium(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public long Length => _bytes.Length;

    /// <summary>A copy of everything: what a file of this card would hold.</summary>
    public byte[] ToArray() => [.. _bytes];

    public int Read(long offset, Span<byte> destination)
    {
        if (offset >= _bytes.Length)
            return 0;
        var source = _bytes.AsSpan((int)offset);
        var length = Math.Min(source.Length, destination.Length);
        source[..length].CopyTo(destination);
        return length;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var end = (int)offset + bytes.Length;
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, end);
        bytes.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void Flush()
    {
        // Memory is as durable as it gets at once.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
