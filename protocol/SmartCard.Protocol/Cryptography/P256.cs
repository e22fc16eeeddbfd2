using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>NIST P-256 (secp256r1): lengths on the wire and the check that a point from outside lies on the curve.</summary>
public static class P256
{
    /// <summary>04 | x (32) | y (32).</summary>
    public const int PointLength = 65;

    public const int CoordinateLength = 32;

    /// <summary>r (32) | s (32), never DER.</summary>
    public const int SignatureLength = 64;

    /// <summary>SEQUENCE of two INTEGERs, each of 33 bytes where its highest bit is set.</summary>
    internal const int DerSignatureLengthMax = 2 + (2 * (2 + CoordinateLength + 1));

    private const byte Uncompressed = 0x04;
    private const byte DerSequence = 0x30;
    private const byte DerInteger = 0x02;

    private static readonly BigInteger Prime = Parse("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Parse("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /// <summary>
    /// True for an uncompressed point on the curve (SP 800-56A, 5.6.2.3.3). The cofactor is 1, so that is also the right group. The
    /// platform checks too; this check does not depend on which platform it is.
    /// </summary>
    public static bool IsValidPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointLength || point[0] != Uncompressed)
            return false;
        var x = new BigInteger(point.Slice(1, CoordinateLength), isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(point[(1 + CoordinateLength)..], isUnsigned: true, isBigEndian: true);
        if (x >= Prime || y >= Prime)
            return false;

        // y^2 = x^3 - 3x + b
        var right = (((x * x) - 3) * x) + B;
        return ((y * y) - right) % Prime == BigInteger.Zero;
    }

    internal static ECParameters PublicParameters(ReadOnlySpan<byte> point) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint
        {
            X = point.Slice(1, CoordinateLength).ToArray(),
            Y = point[(1 + CoordinateLength)..].ToArray(),
        },
    };

    internal static byte[] EncodePoint(ECPoint point)
    {
        var bytes = new byte[PointLength];
        bytes[0] = Uncompressed;
        point.X!.CopyTo(bytes, 1);
        point.Y!.CopyTo(bytes, 1 + CoordinateLength);
        return bytes;
    }

    /// <summary>r|s as Ecdsa-Sig-Value (RFC 3279, 2.2.3); gives its length.</summary>
    internal static int EncodeDerSignature(ReadOnlySpan<byte> signature, Span<byte> der)
    {
        var end = EncodeDerInteger(signature[CoordinateLength..], der, EncodeDerInteger(signature[..CoordinateLength], der, 2));
        (der[0], der[1]) = (DerSequence, (byte)(end - 2));
        return end;
    }

    /// <summary>The shortest form (X.690, 8.3), with a zero before a number that would read as negative. Gives where the next begins.</summary>
    private static int EncodeDerInteger(ReadOnlySpan<byte> number, Span<byte> der, int start)
    {
        number = number[Math.Min(number.IndexOfAnyExcept((byte)0) is var first and >= 0 ? first : number.Length, number.Length - 1)..];
        var padding = number[0] >> 7;
        (der[start], der[start + 1], der[start + 2]) = (DerInteger, (byte)(padding + number.Length), 0);
        number.CopyTo(der[(start + 2 + padding)..]);
        return start + 2 + padding + number.Length;
    }

    private static BigInteger Parse(string hex) => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
