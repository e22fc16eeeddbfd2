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
    private const int HeaderLength = 2;

    public static BasketLine[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        Invariant.Holds(bytes[0] == 1 && bytes.Length == HeaderLength + (bytes[1] * BasketLine.EncodedLength), "a kept basket is whole");
        var lines = new BasketLine[bytes[1]];
        for (var index = 0; index < lines.Length; index++)
            lines[index] = BasketLine.Decode(bytes[(HeaderLength + (index * BasketLine.EncodedLength))..]);
        return lines;
    }

    public static byte[] Encode(IReadOnlyList<BasketLine> lines)
    {
        if (lines.Count > Basket.LinesMax)
            return [];
        var bytes = new byte[HeaderLength + (lines.Count * BasketLine.EncodedLength)];
        bytes[0] = 1;
        bytes[1] = (byte)lines.Count;
        for (var index = 0; index < lines.Count; index++)
            lines[index].Encode(bytes.AsSpan(HeaderLength + (index * BasketLine.EncodedLength)));
        return bytes;
    }
}
