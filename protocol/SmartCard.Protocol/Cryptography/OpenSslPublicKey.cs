using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// Public keys of P-256 by OpenSSL's own import (EVP_PKEY_fromdata), where the platform's cryptography is OpenSSL 3. It checks that the point lies on the curve, which on a
/// curve of cofactor 1 is all there is to check (SEC 1, 3.2.2.1); the platform's import also multiplies the point by the group's order, and that takes longer than two
/// verifications. A backend meets nearly every card's key once a day, so it imports as often as it verifies.
/// </summary>
internal static unsafe partial class OpenSslPublicKey
{
    // openssl/evp.h: EVP_PKEY_PUBLIC_KEY, domain parameters and public key.
    private const int PublicKeySelection = 0x86;

    // openssl/params.h.
    private const uint Utf8String = 4;
    private const uint OctetString = 5;

    private const string Library = "libcrypto.so.3";

    private static readonly bool Available = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Null where this way is not open, or the point is none of the curve's: the platform's import then says which.</summary>
    public static ECDsa? TryImport(ReadOnlySpan<byte> point)
    {
        if (!OperatingSystem.IsLinux() || !Available)
            return null;
        fixed (byte* algorithm = "EC"u8, group = "prime256v1"u8, groupName = "group"u8, publicName = "pub"u8, publicPoint = point)
        {
            var parameters = stackalloc Parameter[3];
            parameters[0] = new Parameter { Name = groupName, Type = Utf8String, Data = group, Length = 10, ReturnLength = nuint.MaxValue };
            parameters[1] = new Parameter { Name = publicName, Type = OctetString, Data = publicPoint, Length = (nuint)point.Length, ReturnLength = nuint.MaxValue };
            parameters[2] = default; // the end

            var context = NewContext(0, algorithm, null);
            if (context == 0)
                return null;
            try
            {
                nint key = 0;
                if (BeginFromData(context) != 1 || FromData(context, &key, PublicKeySelection, parameters) != 1)
                {
                    ClearErrors();
                    return null;
                }
                using var handle = new SafeEvpPKeyHandle(key, ownsHandle: true);
                return new ECDsaOpenSsl(handle);
            }
            finally
            {
                FreeContext(context);
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_name")]
    private static partial nint NewContext(nint libraryContext, byte* name, byte* properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata_init")]
    private static partial int BeginFromData(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata")]
    private static partial int FromData(nint context, nint* key, int selection, Parameter* parameters);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();

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
