using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

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
