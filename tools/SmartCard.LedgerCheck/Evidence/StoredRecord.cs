using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SmartCard.LedgerCheck.Evidence;

/// <param name="OfflineSpent">The card's own count of the period; the checker does not need it.</param>
internal readonly record struct RecordedDraw(int Programme, long Quantity, int Unit, long OfflineSpent);

/// <summary>
/// The bytes that a card signed, read by protocol/spec/transaction-record.md and by no code of the product. Only what a check compares is kept.
/// </summary>
internal sealed record StoredRecord
{
    public const byte Offline = 0x40;

    private const int FixedLength = 108;
    private const int DrawLength = 11;

    public required long Card { get; init; }
    public required int Atc { get; init; }
    public required byte Kind { get; init; }
    public required long AmountMinor { get; init; }

    /// <summary>yyyymmdd.</summary>
    public required int Date { get; init; }
    public required string Terminal { get; init; }
    public required byte[] BasketHash { get; init; }
    public required byte[] TransactionId { get; init; }
    public required long PreviousChain { get; init; }
    public required IReadOnlyList<RecordedDraw> Draws { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StoredRecord? record)
    {
        record = null;
        if (bytes.Length < FixedLength || bytes[0] != 1 || bytes.Length != FixedLength + (bytes[107] * DrawLength))
            return false;
        if (!TryReadDigits(bytes[1..9], out var card) || !TryReadDigits(bytes[12..18], out var amount) || !TryReadDigits(bytes[20..23], out var date))
            return false;
        var draws = new RecordedDraw[bytes[107]];
        for (var index = 0; index < draws.Length; index++)
        {
            var draw = bytes.Slice(FixedLength + (index * DrawLength), DrawLength);
            draws[index] = new RecordedDraw(
                BinaryPrimitives.ReadUInt16BigEndian(draw), BinaryPrimitives.ReadUInt32BigEndian(draw[2..]), draw[6], BinaryPrimitives.ReadUInt32BigEndian(draw[7..]));
        }
        record = new StoredRecord
        {
            Card = card,
            Atc = BinaryPrimitives.ReadUInt16BigEndian(bytes[9..]),
            Kind = bytes[11],
            AmountMinor = amount,
            Date = 20_000_000 + (int)date,
            Terminal = Encoding.ASCII.GetString(bytes[27..35]),
            BasketHash = bytes[51..83].ToArray(),
            TransactionId = bytes[83..99].ToArray(),
            PreviousChain = BinaryPrimitives.ReadInt64BigEndian(bytes[99..]),
            Draws = draws,
        };
        return true;
    }

    /// <summary>The chain value after a record: the first eight bytes of SHA-256(chain before | record).</summary>
    public static long ChainAfter(long before, ReadOnlySpan<byte> record)
    {
        Span<byte> input = new byte[8 + record.Length];
        BinaryPrimitives.WriteInt64BigEndian(input, before);
        record.CopyTo(input[8..]);
        return BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(input));
    }

    /// <summary>Packed decimal digits; false where a half-byte is none.</summary>
    private static bool TryReadDigits(ReadOnlySpan<byte> packed, out long value)
    {
        value = 0;
        foreach (var octet in packed)
        {
            if (octet >> 4 > 9 || (octet & 0x0F) > 9)
                return false;
            value = (value * 100) + ((octet >> 4) * 10) + (octet & 0x0F);
        }
        return true;
    }
}

/// <summary>One line of a stored basket.</summary>
internal readonly record struct StoredBasketLine(int Programme, int Commodity, long Quantity, long UnitPriceMinor)
{
    private const int HeaderLength = 2;
    private const int LineLength = 12;

    /// <summary>The very bytes of which the card signed the hash: version 1 | count | lines.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StoredBasketLine[]? lines)
    {
        lines = null;
        if (bytes.Length < HeaderLength || bytes[0] != 1 || bytes.Length != HeaderLength + (bytes[1] * LineLength))
            return false;
        lines = new StoredBasketLine[bytes[1]];
        for (var index = 0; index < lines.Length; index++)
        {
            var line = bytes.Slice(HeaderLength + (index * LineLength), LineLength);
            lines[index] = new StoredBasketLine(
                BinaryPrimitives.ReadUInt16BigEndian(line), BinaryPrimitives.ReadUInt16BigEndian(line[2..]),
                BinaryPrimitives.ReadUInt32BigEndian(line[4..]), BinaryPrimitives.ReadUInt32BigEndian(line[8..]));
        }
        return true;
    }
}
