using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>One line of what the citizen takes.</summary>
/// <param name="Programme">Which entitlement pays for it.</param>
/// <param name="Commodity">The article.</param>
/// <param name="Quantity">Pieces of the article; 1 or more.</param>
/// <param name="UnitPriceMinor">The profile's card price of one piece, in the minor currency unit.</param>
public readonly record struct BasketLine(ProgrammeCode Programme, CommodityCode Commodity, uint Quantity, uint UnitPriceMinor)
{
    /// <summary>programme 2 | commodity 2 | quantity 4 | unit price 4, big endian.</summary>
    public const int EncodedLength = 12;

    public void Encode(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Programme.Value);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Commodity.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Quantity);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], UnitPriceMinor);
    }

    /// <summary>Of the first <see cref="EncodedLength"/> bytes; any are a line, whether one could be drawn or not.</summary>
    public static BasketLine Decode(ReadOnlySpan<byte> source) => new(
        new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(source)),
        new CommodityCode(BinaryPrimitives.ReadUInt16BigEndian(source[2..])),
        BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
}

/// <summary>
/// The lines of a draw. The card signs their hash, so a backend that is shown the lines knows them to be the ones that
/// the citizen's card agreed to.
/// </summary>
public static class Basket
{
    public const int LinesMax = 64;

    private const byte Version = 1;
    private const int HeaderLength = 2;

    /// <summary>SHA-256 of: version 1 | count 1 | each line as <see cref="BasketLine.Encode"/> has it, in the order given.</summary>
    public static byte[] Hash(IReadOnlyList<BasketLine> lines)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines.Count, LinesMax);
        Span<byte> input = stackalloc byte[HeaderLength + (LinesMax * BasketLine.EncodedLength)];
        input[0] = Version;
        input[1] = (byte)lines.Count;
        var length = HeaderLength;
        foreach (var line in lines)
        {
            line.Encode(input[length..]);
            length += BasketLine.EncodedLength;
        }
        return SHA256.HashData(input[..length]);
    }
}
