using System.Buffers.Binary;
using System.Security.Cryptography;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.CardOs.Memory;

/// <summary>
/// Two slots, written in turn. A slot is whole when its MAC is right, and of two whole slots the higher sequence number counts; so a write that tears leaves
/// the other slot standing, and one write with one flush is enough.
/// <code>
/// header:  magic 8 | version 4 | reserved 4 | MAC key 32
/// slot:    sequence 8 | length 4 | image | HMAC-SHA256 32 over everything before it in the slot and the slot's number
/// </code>
/// The MAC finds torn and damaged slots. It is no defence against somebody who holds the file, which on a chip nobody does.
/// </summary>
public sealed class JournalledMemory : INonVolatileMemory
{
    public const int ImageBytesMax = SlotLength - SlotHeaderLength - MacLength;

    private const int HeaderLength = 48;
    private const int KeyOffset = 16;
    private const int KeyLength = 32;
    private const int MacLength = 32;
    private const int SlotHeaderLength = 12;
    private const int SlotLength = 16 * 1024;
    private const int SlotCount = 2;
    private const int Version = 1;

    private readonly IStorageMedium _medium;
    private readonly byte[] _key;
    private readonly byte[] _buffer = new byte[SlotLength];

    private JournalledMemory(IStorageMedium medium, byte[] key) => (_medium, _key) = (medium, key);

    private static ReadOnlySpan<byte> Magic => "SUBSCARD"u8;

    /// <summary>Lays out an empty medium. Anything on it is lost.</summary>
    public static JournalledMemory Format(IStorageMedium medium, IRandomSource random)
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(Magic.Length), Version);
        random.Fill(header.AsSpan(KeyOffset, KeyLength));
        medium.Write(0, header);
        medium.Write(HeaderLength, new byte[SlotCount * SlotLength]);
        medium.Flush();
        return new JournalledMemory(medium, header[KeyOffset..]);
    }

    /// <exception cref="InvalidDataException">Not a medium that was formatted.</exception>
    public static JournalledMemory Open(IStorageMedium medium)
    {
        var header = new byte[HeaderLength];
        if (medium.Read(0, header) != HeaderLength || !header.AsSpan().StartsWith(Magic))
            throw new InvalidDataException("This is not a card's memory.");
        var version = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(Magic.Length));
        return version == Version
            ? new JournalledMemory(medium, header[KeyOffset..])
            : throw new InvalidDataException($"This card's memory has layout {version}; this program knows layout {Version}.");
    }

    public byte[] Read()
    {
        var newest = FindNewest(out var anythingWritten);
        if (newest is { } found)
            return found.Image;
        return anythingWritten ? throw new InvalidDataException("Both slots of the card's memory are damaged.") : [];
    }

    public void Write(ReadOnlySpan<byte> image)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(image.Length, ImageBytesMax);

        // Found anew each time: a slot that tore must be the one that is written next, whatever was believed before.
        var newest = FindNewest(out _);
        var slot = newest is { } current ? 1 - current.Slot : 0;
        var sequence = newest is { } last ? last.Sequence + 1 : 1;

        var bytes = _buffer.AsSpan(0, SlotHeaderLength + image.Length + MacLength);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, sequence);
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], image.Length);
        image.CopyTo(bytes[SlotHeaderLength..]);
        ComputeMac(slot, bytes[..^MacLength], bytes[^MacLength..]);
        _medium.Write(OffsetOf(slot), bytes);
        _medium.Flush();
    }

    private (int Slot, ulong Sequence, byte[] Image)? FindNewest(out bool anythingWritten)
    {
        anythingWritten = false;
        (int Slot, ulong Sequence, byte[] Image)? newest = null;
        for (var slot = 0; slot < SlotCount; slot++)
        {
            if (TryReadSlot(slot, out var sequence, out var image, ref anythingWritten) && (newest is null || sequence > newest.Value.Sequence))
                newest = (slot, sequence, image);
        }

        return newest;
    }

    private bool TryReadSlot(int slot, out ulong sequence, out byte[] image, ref bool anythingWritten)
    {
        image = [];
        sequence = 0;
        Span<byte> header = stackalloc byte[SlotHeaderLength];
        if (_medium.Read(OffsetOf(slot), header) != SlotHeaderLength)
            return false;
        sequence = BinaryPrimitives.ReadUInt64BigEndian(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        anythingWritten |= header.ContainsAnyExcept((byte)0);
        if (sequence == 0 || length is < 0 or > ImageBytesMax)
            return false;

        var bytes = _buffer.AsSpan(0, SlotHeaderLength + length + MacLength);
        if (_medium.Read(OffsetOf(slot), bytes) != bytes.Length)
            return false;
        Span<byte> mac = stackalloc byte[MacLength];
        ComputeMac(slot, bytes[..^MacLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[^MacLength..]))
            return false;
        image = bytes[SlotHeaderLength..^MacLength].ToArray();
        return true;
    }

    private void ComputeMac(int slot, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(content);
        hmac.AppendData([(byte)slot]);
        hmac.GetHashAndReset(destination);
    }

    private static long OffsetOf(int slot) => HeaderLength + ((long)slot * SlotLength);
}
