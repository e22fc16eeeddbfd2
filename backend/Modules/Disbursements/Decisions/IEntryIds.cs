using System.Buffers.Binary;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Numbers of ledger entries: unique over all processes, ascending in each, with gaps.</summary>
internal interface IEntryIds
{
    long Next();
}

/// <summary>Business dates as numbers, yyyymmdd: the same on both databases, in order, and readable by an auditor.</summary>
internal static class Yyyymmdd
{
    public static int Of(DateOnly date) => (date.Year * 10_000) + (date.Month * 100) + date.Day;

    public static DateOnly ToDate(int yyyymmdd) => new(yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}

/// <summary>
/// The lines of a basket as they are kept for auditors: the very bytes of which the card signed the hash, see <see cref="Basket.Hash"/>.
/// </summary>
internal static class PackedBasket
{
    private const int LineLength = 12;

    public static BasketLine[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        Invariant.Holds(bytes[0] == 1 && bytes.Length == 2 + (bytes[1] * LineLength), "a kept basket is whole");
        var lines = new BasketLine[bytes[1]];
        for (var index = 0; index < lines.Length; index++)
        {
            var source = bytes.Slice(2 + (index * LineLength), LineLength);
            lines[index] = new BasketLine(
                new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(source)),
                new CommodityCode(BinaryPrimitives.ReadUInt16BigEndian(source[2..])),
                BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
                BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        }
        return lines;
    }

    public static byte[] Encode(IReadOnlyList<BasketLine> lines)
    {
        if (lines.Count > Basket.LinesMax)
            return [];
        var bytes = new byte[2 + (lines.Count * LineLength)];
        bytes[0] = 1;
        bytes[1] = (byte)lines.Count;
        for (var index = 0; index < lines.Count; index++)
        {
            var target = bytes.AsSpan(2 + (index * LineLength), LineLength);
            BinaryPrimitives.WriteUInt16BigEndian(target, lines[index].Programme.Value);
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], lines[index].Commodity.Value);
            BinaryPrimitives.WriteUInt32BigEndian(target[4..], lines[index].Quantity);
            BinaryPrimitives.WriteUInt32BigEndian(target[8..], lines[index].UnitPriceMinor);
        }
        return bytes;
    }
}
