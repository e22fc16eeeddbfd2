using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// A P-256 key pair for one purpose: agreeing on keys or signing (SP 800-57, 5.2). Not safe for two threads at once. The private
/// number is wiped when the object is disposed.
/// </summary>
public sealed class EcKeyPair : IDisposable
{
    private readonly byte[] _scalar;
    private ECDiffieHellman? _agreement;
    private ECDsa? _signer;
    private bool _disposed;

    private EcKeyPair(byte[] scalar, byte[] point)
    {
        _scalar = scalar;
        PublicKey = EcPublicKey.FromPoint(point);
    }

    public EcPublicKey PublicKey { get; }

    /// <summary>04 | x | y, 65 bytes.</summary>
    public ReadOnlySpan<byte> PublicPoint => PublicKey.Point;

    public static EcKeyPair Generate()
    {
        var agreement = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var pair = FromParameters(agreement.ExportParameters(includePrivateParameters: true));
        pair._agreement = agreement;
        return pair;
    }

    /// <summary>From the private number, 32 bytes, 1 to n-1. For stored card keys, vectors and tests.</summary>
    /// <exception cref="CryptographicException">Not a private key of P-256.</exception>
    public static EcKeyPair FromScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != P256.CoordinateLength)
            throw new CryptographicException("A P-256 private key has 32 bytes.");
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() };
        try
        {
            using var imported = ECDiffieHellman.Create(parameters);
            return FromParameters(imported.ExportParameters(includePrivateParameters: true));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    /// <exception cref="CryptographicException">Not a PKCS #8 private key of P-256.</exception>
    public static EcKeyPair ImportPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        using var imported = ECDiffieHellman.Create();
        imported.ImportPkcs8PrivateKey(pkcs8, out _);
        var parameters = imported.ExportParameters(includePrivateParameters: true);
        if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            throw new CryptographicException("The key is not one of P-256.");
        return FromParameters(parameters);
    }

    /// <summary>The private number, 32 bytes. The caller wipes it.</summary>
    public byte[] ExportScalar()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return [.. _scalar];
    }

    /// <summary>DER, unencrypted. The caller wipes it.</summary>
    public byte[] ExportPkcs8() => Signer().ExportPkcs8PrivateKey();

    public byte[] ExportSubjectPublicKeyInfo() => PublicKey.ExportSubjectPublicKeyInfo();

    /// <summary>
    /// ECDH without a KDF (SP 800-56A, 5.7.1.2): the shared point's x coordinate, 32 bytes. False when the other side's bytes are not a point on the curve.
    /// </summary>
    public bool TryAgree(ReadOnlySpan<byte> otherPoint, Span<byte> z)
    {
        if (!P256.IsValidPoint(otherPoint))
            return false;
        using var other = ECDiffieHellman.Create(P256.PublicParameters(otherPoint));
        using var otherKey = other.PublicKey;
        var secret = Agreement().DeriveRawSecretAgreement(otherKey);
        secret.CopyTo(z);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    /// <summary>ECDSA with SHA-256 over the data: 64 bytes r|s.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = new byte[P256.SignatureLength];
        Sign(data, signature);
        return signature;
    }

    public void Sign(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        if (!Signer().TrySignHash(hash, destination, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out var written)
            || written != P256.SignatureLength)
            throw new ArgumentException("A signature has 64 bytes.", nameof(destination));
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_scalar);
        _agreement?.Dispose();
        _signer?.Dispose();
    }

    private static EcKeyPair FromParameters(ECParameters parameters)
    {
        // The private number may come without its leading zeros.
        var scalar = new byte[P256.CoordinateLength];
        parameters.D!.CopyTo(scalar, scalar.Length - parameters.D.Length);
        CryptographicOperations.ZeroMemory(parameters.D);
        return new EcKeyPair(scalar, P256.EncodePoint(parameters.Q));
    }

    private ECDiffieHellman Agreement()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _agreement ??= ECDiffieHellman.Create(PrivateParameters());
    }

    private ECDsa Signer()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _signer ??= ECDsa.Create(PrivateParameters());
    }

    private ECParameters PrivateParameters() => P256.PublicParameters(PublicPoint) with { D = _scalar };
}
