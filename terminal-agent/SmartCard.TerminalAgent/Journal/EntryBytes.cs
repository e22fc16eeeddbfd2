using System.Buffers.Binary;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>How lines and remaining entitlements are kept in a row: fixed layouts, big endian.</summary>
internal static class EntryBytes
{
    private const int RemainingLength = 14;

    public static byte[] Encode(IReadOnlyList<BasketLine> lines)
    {
        var bytes = new byte[lines.Count * BasketLine.EncodedLength];
        for (var index = 0; index < lines.Count; index++)
            lines[index].Encode(bytes.AsSpan(index * BasketLine.EncodedLength));
        return bytes;
    }

    public static BasketLine[] DecodeLines(ReadOnlySpan<byte> bytes)
    {
        var lines = new BasketLine[bytes.Length / BasketLine.EncodedLength];
        for (var index = 0; index < lines.Length; index++)
            lines[index] = BasketLine.Decode(bytes[(index * BasketLine.EncodedLength)..]);
        return lines;
    }

    public static byte[] Encode(IReadOnlyList<Remaining> remaining)
    {
        var bytes = new byte[remaining.Count * RemainingLength];
        for (var index = 0; index < remaining.Count; index++)
        {
            var target = bytes.AsSpan(index * RemainingLength);
            BinaryPrimitives.WriteUInt16BigEndian(target, remaining[index].Quota);
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], remaining[index].Programme.Value);
            target[4] = (byte)remaining[index].Unit;
            target[5] = remaining[index].Offline ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt64BigEndian(target[6..], remaining[index].Quantity);
        }

        return bytes;
    }

    public static Remaining[] DecodeRemaining(ReadOnlySpan<byte> bytes)
    {
        var remaining = new Remaining[bytes.Length / RemainingLength];
        for (var index = 0; index < remaining.Length; index++)
        {
            var source = bytes[(index * RemainingLength)..];
            remaining[index] = new Remaining(
                BinaryPrimitives.ReadUInt16BigEndian(source),
                new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(source[2..])),
                (QuantityUnit)source[4],
                BinaryPrimitives.ReadInt64BigEndian(source[6..]),
                source[5] == 1);
        }

        return remaining;
    }
}
