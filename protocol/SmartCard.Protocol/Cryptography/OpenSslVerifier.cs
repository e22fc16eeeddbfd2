using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// ECDSA on P-256 by OpenSSL 3, where the platform's cryptography is that: one key object a thread, whose point is exchanged for each signature. A backend meets
/// nearly every card's key once a day, and making a key object for one signature and giving it back take as long again as verifying it; exchanging the point takes a
/// fiftieth. OpenSSL checks that the point lies on the curve, which on a curve of cofactor 1 is all there is to check (SEC 1, 3.2.2.1).
/// </summary>
internal sealed unsafe partial class OpenSslVerifier
{
    // openssl/evp.h: EVP_PKEY_PUBLIC_KEY, domain parameters and public key.
    private const int PublicKeySelection = 0x86;

    // openssl/params.h.
    private const uint Utf8String = 4;
    private const uint OctetString = 5;

    private const string Library = "libcrypto.so.3";

    private static readonly bool Available = OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, out _) && TellsKeysApart();

    [ThreadStatic]
    private static OpenSslVerifier? t_own;

    private readonly Key _key;
    private readonly Context _verification;

    private OpenSslVerifier(ReadOnlySpan<byte> point)
    {
        _key = Import(point);
        _verification = NewContext(0, _key, null);
        if (_verification.IsInvalid || BeginVerify(_verification) != 1)
            throw Failure();
    }

    /// <param name="point">On the curve.</param>
    /// <param name="signature">64 bytes, r|s.</param>
    /// <returns>Null where this way is not open.</returns>
    public static bool? TryVerify(ReadOnlySpan<byte> point, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Available ? (t_own ??= new OpenSslVerifier(point)).Verify(point, hash, signature) : null;

    /// <summary>That a key whose point was exchanged is the other key, and nothing of the first is left: asked of the library that is there, once. One that takes no key in this way is not used.</summary>
    private static bool TellsKeysApart()
    {
        try
        {
            return TellsApart();
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool TellsApart()
    {
        using var one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        hash.Fill(1);
        var (onePoint, otherPoint) = (PointOf(one), PointOf(other));
        var (oneSignature, otherSignature) = (one.SignHash(hash.ToArray()), other.SignHash(hash.ToArray()));

        var verifier = new OpenSslVerifier(onePoint);
        return verifier.Verify(onePoint, hash, oneSignature) && !verifier.Verify(onePoint, hash, otherSignature)
            && verifier.Verify(otherPoint, hash, otherSignature) && !verifier.Verify(otherPoint, hash, oneSignature);

        static byte[] PointOf(ECDsa key) => P256.EncodePoint(key.ExportParameters(includePrivateParameters: false).Q);
    }

    private bool Verify(ReadOnlySpan<byte> point, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        var sequence = P256.ToDerSignature(signature);
        fixed (byte* publicPoint = point, digest = hash, der = sequence)
        {
            if (ExchangePoint(_key, publicPoint, (nuint)point.Length) != 1)
                throw Failure();
            if (Verify(_verification, der, (nuint)sequence.Length, digest, (nuint)hash.Length) == 1)
                return true;
            ClearErrors();
            return false;
        }
    }

    private static Key Import(ReadOnlySpan<byte> point)
    {
        fixed (byte* algorithm = "EC"u8, group = "prime256v1"u8, groupName = "group"u8, publicName = "pub"u8, publicPoint = point)
        {
            var parameters = stackalloc Parameter[3];
            parameters[0] = new Parameter { Name = groupName, Type = Utf8String, Data = group, Length = 10, ReturnLength = nuint.MaxValue };
            parameters[1] = new Parameter { Name = publicName, Type = OctetString, Data = publicPoint, Length = (nuint)point.Length, ReturnLength = nuint.MaxValue };
            parameters[2] = default; // the end

            using var context = NewContextByName(0, algorithm, null);
            nint key = 0;
            return !context.IsInvalid && BeginFromData(context) == 1 && FromData(context, &key, PublicKeySelection, parameters) == 1
                ? new Key(key)
                : throw Failure();
        }
    }

    private static CryptographicException Failure()
    {
        ClearErrors();
        return new CryptographicException("OpenSSL did not take a public key of P-256.");
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_name")]
    private static partial Context NewContextByName(nint libraryContext, byte* name, byte* properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_pkey")]
    private static partial Context NewContext(nint libraryContext, Key key, byte* properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata_init")]
    private static partial int BeginFromData(Context context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata")]
    private static partial int FromData(Context context, nint* key, int selection, Parameter* parameters);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_set1_encoded_public_key")]
    private static partial int ExchangePoint(Key key, byte* point, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_verify_init")]
    private static partial int BeginVerify(Context context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_verify")]
    private static partial int Verify(Context context, byte* signature, nuint signatureLength, byte* digest, nuint digestLength);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    /// <summary>EVP_PKEY.</summary>
    private sealed class Key : SafeHandle
    {
        public Key(nint key)
            : base(0, ownsHandle: true) => SetHandle(key);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    /// <summary>EVP_PKEY_CTX.</summary>
    private sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }

    /// <summary>OSSL_PARAM.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Parameter
    {
        public byte* Name;
        public uint Type;
        public void* Data;
        public nuint Length;
        public nuint ReturnLength;
    }
}
