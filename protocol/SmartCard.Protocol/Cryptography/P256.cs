using System.Formats.Asn1;
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

    private const byte Uncompressed = 0x04;

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

    /// <summary>A signature r|s in DER, as certificates and OpenSSL have it: Ecdsa-Sig-Value (RFC 3279, 2.2.3).</summary>
    public static byte[] ToDerSignature(ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(WithoutLeadingZeros(signature[..CoordinateLength]));
            writer.WriteIntegerUnsigned(WithoutLeadingZeros(signature[CoordinateLength..]));
        }
        return writer.Encode();
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

    private static ReadOnlySpan<byte> WithoutLeadingZeros(ReadOnlySpan<byte> number)
    {
        var first = number.IndexOfAnyExcept((byte)0);
        return first < 0 ? number[^1..] : number[first..];
    }

    private static BigInteger Parse(string hex) => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
