using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// A P-256 public key: a point, for all threads. Equal when the points are.
/// </summary>
public sealed class EcPublicKey : IEquatable<EcPublicKey>
{
    private readonly byte[] _point;

    private EcPublicKey(byte[] point) => _point = point;

    /// <summary>04 | x | y, 65 bytes.</summary>
    public ReadOnlySpan<byte> Point => _point;

    /// <summary>Fails on anything but an uncompressed point on the curve.</summary>
    public static bool TryFromPoint(ReadOnlySpan<byte> point, [NotNullWhen(true)] out EcPublicKey? key)
    {
        key = P256.IsValidPoint(point) ? new EcPublicKey(point.ToArray()) : null;
        return key is not null;
    }

    /// <exception cref="CryptographicException">Not on the curve.</exception>
    public static EcPublicKey FromPoint(ReadOnlySpan<byte> point) =>
        TryFromPoint(point, out var key) ? key : throw new CryptographicException("Not a point on P-256.");

    /// <summary>Reads an X.509 SubjectPublicKeyInfo (DER) that holds a P-256 key.</summary>
    public static bool TryFromSubjectPublicKeyInfo(ReadOnlySpan<byte> der, [NotNullWhen(true)] out EcPublicKey? key)
    {
        key = null;
        try
        {
            using var imported = ECDsa.Create();
            imported.ImportSubjectPublicKeyInfo(der, out var read);
            if (read != der.Length)
                return false;
            var parameters = imported.ExportParameters(includePrivateParameters: false);
            return parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                && TryFromPoint(P256.EncodePoint(parameters.Q), out key);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public byte[] ToPoint() => [.. _point];

    public byte[] ExportSubjectPublicKeyInfo()
    {
        using var exporter = ECDsa.Create(P256.PublicParameters(_point));
        return exporter.ExportSubjectPublicKeyInfo();
    }

    /// <summary>ECDSA with SHA-256; the signature is 64 bytes r|s. Anything else is false, never an exception.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != P256.SignatureLength)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return OpenSslVerifier.TryVerify(_point, hash, signature) ?? VerifyByPlatform(hash, signature);
    }

    /// <summary>Where OpenSSL is not there: the same answer, with a key object made for it.</summary>
    internal bool VerifyByPlatform(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        using var verifier = ECDsa.Create(P256.PublicParameters(_point));
        return verifier.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public bool Equals(EcPublicKey? other) => other is not null && _point.AsSpan().SequenceEqual(other._point);

    public override bool Equals(object? obj) => Equals(obj as EcPublicKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_point);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexString(_point.AsSpan(1, 4)) + "...";
}
