using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// What both sides of an SCP11a handshake compute, and the objects on its wire (GP Amendment F, 3.1.2, 5.2 and 7.6).
/// </summary>
internal static class Scp11aKeyAgreement
{
    public const byte UsageWithEncryption = 0x3C;
    public const byte UsageMacOnly = 0x34;
    public const int ReceiptLength = AesCmac.MacLength;

    public static readonly Tag ControlReference = 0xA6;
    public static readonly Tag PublicKey = 0x5F49;
    public static readonly Tag Receipt = 0x86;

    private static readonly Tag ScpIdentifier = 0x90;
    private static readonly Tag KeyUsage = 0x95;
    private static readonly Tag KeyType = 0x80;
    private static readonly Tag KeyLength = 0x81;

    private const byte KeyTypeAes = 0x88;
    private const byte KeyLengthAes128 = 0x10;

    /// <summary>Protocol 11, parameters 01: SCP11a, mutual authentication.</summary>
    private static ReadOnlySpan<byte> Scp11aIdentifier => [0x11, 0x01];

    /// <summary>3C protects commands and answers by MAC and encryption, 34 by MAC alone.</summary>
    public static bool TryGetLevel(byte keyUsage, out SecurityLevel level)
    {
        level = keyUsage switch
        {
            UsageWithEncryption => SecurityLevel.Full,
            UsageMacOnly => SecurityLevel.CMacRMac,
            _ => SecurityLevel.None,
        };
        return level != SecurityLevel.None;
    }

    public static byte[] EncodeRequest(byte keyUsage, ReadOnlySpan<byte> ephemeralPoint) =>
        new TlvWriter()
            .Append(ControlReference, template => template
                .Append(ScpIdentifier, Scp11aIdentifier)
                .Append(KeyUsage, keyUsage)
                .Append(KeyType, KeyTypeAes)
                .Append(KeyLength, KeyLengthAes128))
            .Append(PublicKey, ephemeralPoint)
            .ToArray();

    /// <summary>Reads the data of MUTUAL AUTHENTICATE. Anything that is asked for and not offered makes it fail.</summary>
    public static bool TryReadRequest(ReadOnlyMemory<byte> data, out byte keyUsage, [NotNullWhen(true)] out TlvNode? publicKey)
    {
        keyUsage = 0;
        publicKey = null;
        if (!BerTlv.TryParse(data, TlvLimits.Card, out var nodes, out _)
            || nodes is not [{ } template, { } key]
            || template.Tag != ControlReference
            || key.Tag != PublicKey
            || template.Children is not [{ } scp, { } usage, { } type, { } length]
            || scp.Tag != ScpIdentifier || !scp.Value.Span.SequenceEqual(Scp11aIdentifier)
            || usage.Tag != KeyUsage || usage.Value.Length != 1
            || type.Tag != KeyType || !type.Value.Span.SequenceEqual([KeyTypeAes])
            || length.Tag != KeyLength || !length.Value.Span.SequenceEqual([KeyLengthAes128]))
            return false;
        keyUsage = usage.Value.Span[0];
        publicKey = key;
        return true;
    }

    /// <summary>
    /// Session keys and receipt. Z = ECDH(ephemeral, ephemeral) | ECDH(static, static); X9.63 with SharedInfo usage | type | length gives receipt key, S-ENC, S-MAC,
    /// S-RMAC, DEK. The receipt is the CMAC over the whole request | the card's 5F49 object.
    /// </summary>
    public static SessionKeys Derive(
        ReadOnlySpan<byte> z, byte keyUsage, ReadOnlySpan<byte> request, ReadOnlySpan<byte> cardPublicKeyObject, Span<byte> receipt)
    {
        const int length = SessionKeys.KeyLength;
        Span<byte> derived = stackalloc byte[5 * length];
        X963Kdf.Derive(z, [keyUsage, KeyTypeAes, KeyLengthAes128], derived);
        using (var receiptKey = new AesCmac(derived[..length]))
            receiptKey.Append(request).Append(cardPublicKeyObject).GetMacAndReset(receipt);
        var keys = new SessionKeys(
            derived.Slice(length, length), derived.Slice(2 * length, length), derived.Slice(3 * length, length), derived.Slice(4 * length, length));
        CryptographicOperations.ZeroMemory(derived);
        return keys;
    }
}
