using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Personalisation;

/// <summary>The symmetric keys that a card is personalised with, 16 bytes each.</summary>
/// <param name="KeyVersion">KVN under which they were derived from the issuer's masters.</param>
/// <param name="Enc">SCP03 static encryption key.</param>
/// <param name="Mac">SCP03 static MAC key.</param>
/// <param name="Dek">SCP03 static data encryption key.</param>
/// <param name="ApplicationCryptogram">Key of the card's cryptograms.</param>
/// <param name="ScriptMac">Key of the MAC over issuer scripts.</param>
public sealed record PersonalisationKeys(
    byte KeyVersion, ReadOnlyMemory<byte> Enc, ReadOnlyMemory<byte> Mac, ReadOnlyMemory<byte> Dek, ReadOnlyMemory<byte> ApplicationCryptogram, ReadOnlyMemory<byte> ScriptMac)
{
    public const int KeyLength = 16;
}

/// <param name="BackendPublicKey">65 bytes, the backend's ephemeral key.</param>
/// <param name="Keys"><see cref="BureauKeyTransport.WrappedLength"/> bytes.</param>
public sealed record WrappedKeys(byte[] BackendPublicKey, byte[] Keys);

/// <summary>
/// Keys of one card on their way to the personalisation bureau (protocol/spec/certificates-and-keys.md, "Keys to the bureau"). Both
/// sides make a P-256 key pair for this one message; the bytes open only for the bureau's and only for the card that they name:
/// <code>
/// Z       = ECDH(backend's ephemeral, bureau's ephemeral), x coordinate, 32 bytes
/// AES key | nonce = X9.63 KDF with SHA-256 (Z, "SUBSIDY-PERSO-1" | card number 8 | bureau's point 65 | backend's point 65), 32 + 12 bytes
/// wrapped = AES-256-GCM(plain, associated data = card number 8), ciphertext 82 | tag 16
/// plain   = version 1 | KVN 1 | ENC 16 | MAC 16 | DEK 16 | AC 16 | script MAC 16
/// </code>
/// </summary>
public static class BureauKeyTransport
{
    public const int WrappedLength = PlainLength + TagLength;

    private const byte Version = 1;
    private const int KeyCount = 5;
    private const int HeaderLength = 2;
    private const int PlainLength = HeaderLength + (KeyCount * PersonalisationKeys.KeyLength);
    private const int AesKeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private static ReadOnlySpan<byte> Label => "SUBSIDY-PERSO-1"u8;

    /// <summary>True for a point that keys can be wrapped for.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> bureauPublicKey) => P256.IsValidPoint(bureauPublicKey);

    /// <exception cref="ArgumentException">The bureau's key is no point of P-256 (ask <see cref="IsUsable"/> first), or a key is not 16 bytes long.</exception>
    public static WrappedKeys Wrap(PersonalisationKeys keys, CardNumber card, ReadOnlySpan<byte> bureauPublicKey)
    {
        using var ephemeral = EcKeyPair.Generate();
        return Wrap(keys, card, bureauPublicKey, ephemeral);
    }

    /// <summary>The same with a given key pair: for test vectors alone, for the pair makes key and nonce, which must not repeat.</summary>
    public static WrappedKeys Wrap(PersonalisationKeys keys, CardNumber card, ReadOnlySpan<byte> bureauPublicKey, EcKeyPair ephemeral)
    {
        var plain = Encode(keys);
        var wrapped = new byte[WrappedLength];
        Span<byte> secret = stackalloc byte[AesKeyLength + NonceLength];
        try
        {
            if (!TryDerive(ephemeral, bureauPublicKey, card, bureauPublicKey, ephemeral.PublicPoint, secret))
                throw new ArgumentException("The bureau's key is not a point of P-256.", nameof(bureauPublicKey));
            using var aes = new AesGcm(secret[..AesKeyLength], TagLength);
            aes.Encrypt(secret[AesKeyLength..], plain, wrapped.AsSpan(0, PlainLength), wrapped.AsSpan(PlainLength), card.ToBytes());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(plain);
        }
        return new WrappedKeys(ephemeral.PublicPoint.ToArray(), wrapped);
    }

    /// <summary>The bureau's side. False where the bytes were made for another key or card, or were changed on the way.</summary>
    public static bool TryUnwrap(
        ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> backendPublicKey, CardNumber card, EcKeyPair bureau, [NotNullWhen(true)] out PersonalisationKeys? keys)
    {
        keys = null;
        if (wrapped.Length != WrappedLength)
            return false;
        var plain = new byte[PlainLength];
        Span<byte> secret = stackalloc byte[AesKeyLength + NonceLength];
        try
        {
            if (!TryDerive(bureau, backendPublicKey, card, bureau.PublicPoint, backendPublicKey, secret))
                return false;
            using var aes = new AesGcm(secret[..AesKeyLength], TagLength);
            aes.Decrypt(secret[AesKeyLength..], wrapped[..PlainLength], wrapped[PlainLength..], plain, card.ToBytes());
            return TryDecode(plain, out keys);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    // SEC 1, 3.6.1: both public keys in SharedInfo tie the result to this pair of parties.
    private static bool TryDerive(
        EcKeyPair own, ReadOnlySpan<byte> other, CardNumber card, ReadOnlySpan<byte> bureauPoint, ReadOnlySpan<byte> backendPoint, Span<byte> secret)
    {
        Span<byte> z = stackalloc byte[P256.CoordinateLength];
        if (!own.TryAgree(other, z))
            return false;
        X963Kdf.Derive(z, [.. Label, .. card.ToBytes(), .. bureauPoint, .. backendPoint], secret);
        CryptographicOperations.ZeroMemory(z);
        return true;
    }

    private static byte[] Encode(PersonalisationKeys keys)
    {
        var plain = new byte[PlainLength];
        plain[0] = Version;
        plain[1] = keys.KeyVersion;
        var target = plain.AsSpan(HeaderLength);
        foreach (var key in new[] { keys.Enc, keys.Mac, keys.Dek, keys.ApplicationCryptogram, keys.ScriptMac })
        {
            if (key.Length != PersonalisationKeys.KeyLength)
                throw new ArgumentException("A card's key has 16 bytes.", nameof(keys));
            key.Span.CopyTo(target);
            target = target[PersonalisationKeys.KeyLength..];
        }
        return plain;
    }

    private static bool TryDecode(ReadOnlySpan<byte> plain, [NotNullWhen(true)] out PersonalisationKeys? keys)
    {
        keys = null;
        if (plain[0] != Version)
            return false;
        keys = new PersonalisationKeys(plain[1], Key(plain, 0), Key(plain, 1), Key(plain, 2), Key(plain, 3), Key(plain, 4));
        return true;
    }

    private static byte[] Key(ReadOnlySpan<byte> plain, int index) =>
        plain.Slice(HeaderLength + (index * PersonalisationKeys.KeyLength), PersonalisationKeys.KeyLength).ToArray();
}
