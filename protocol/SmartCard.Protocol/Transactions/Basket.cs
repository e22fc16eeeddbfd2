using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>One line of what the citizen takes.</summary>
/// <param name="Programme">Which entitlement pays for it.</param>
/// <param name="Commodity">The article.</param>
/// <param name="Quantity">Pieces of the article; 1 or more.</param>
/// <param name="UnitPriceMinor">The profile's card price of one piece, in the minor currency unit.</param>
public readonly record struct BasketLine(ProgrammeCode Programme, CommodityCode Commodity, uint Quantity, uint UnitPriceMinor);

/// <summary>
/// The lines of a draw. The card signs their hash, so a backend that is shown the lines knows them to be the ones that
/// the citizen's card agreed to.
/// </summary>
public static class Basket
{
    public const int LinesMax = 64;

    private const byte Version = 1;
    private const int HeaderLength = 2;
    private const int LineLength = 12;

    /// <summary>SHA-256 of: version 1 | count 1 | count x (programme 2 | commodity 2 | quantity 4 | unit price 4), big endian, in the order given.</summary>
    public static byte[] Hash(IReadOnlyList<BasketLine> lines)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines.Count, LinesMax);
        Span<byte> input = stackalloc byte[HeaderLength + (LinesMax * LineLength)];
        input[0] = Version;
        input[1] = (byte)lines.Count;
        var length = HeaderLength;
        foreach (var line in lines)
        {
            var target = input[length..];
            BinaryPrimitives.WriteUInt16BigEndian(target, line.Programme.Value);
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], line.Commodity.Value);
            BinaryPrimitives.WriteUInt32BigEndian(target[4..], line.Quantity);
            BinaryPrimitives.WriteUInt32BigEndian(target[8..], line.UnitPriceMinor);
            length += LineLength;
        }
        return SHA256.HashData(input[..length]);
    }
}
