using System.Buffers.Binary;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Cryptography;

/// <summary>What a card's own key, derived from one of the issuer's masters, is for. The number is in the derivation: never reuse one.</summary>
public enum CardKeyPurpose : byte
{
    /// <summary>Application cryptograms; master IMK-AC.</summary>
    Cryptogram = 0x10,

    /// <summary>MACs of issuer scripts; master IMK-SMI.</summary>
    ScriptMac = 0x11,

    /// <summary>Encryption in issuer scripts; master IMK-SMC.</summary>
    ScriptEncryption = 0x12,

    /// <summary>SCP03 Key-ENC, Key-MAC and Key-DEK; masters IMK-PERSO.</summary>
    PersonalisationEnc = 0x20,
    PersonalisationMac = 0x21,
    PersonalisationDek = 0x22,
}

/// <summary>
/// From an issuer's master key to a card's key to the key of one transaction, each by <see cref="Sp800108Cmac"/> with
/// a label "SUBSIDY", 00 00 00 00, constant. All keys have 16 bytes.
/// </summary>
public static class CardKeyDerivation
{
    public const int KeyLength = 16;

    private const byte SessionCryptogram = 0x30;

    private static ReadOnlySpan<byte> LabelPrefix => "SUBSIDY\0\0\0\0"u8;

    /// <summary>A card's key: context is the card number (8 bytes BCD) | key version number.</summary>
    public static void DeriveCardKey(AesCmac master, CardKeyPurpose purpose, CardNumber card, byte keyVersion, Span<byte> destination)
    {
        Span<byte> context = stackalloc byte[CardNumber.EncodedLength + 1];
        card.Encode(context);
        context[^1] = keyVersion;
        Derive(master, (byte)purpose, context, destination);
    }

    public static byte[] DeriveCardKey(ReadOnlySpan<byte> master, CardKeyPurpose purpose, CardNumber card, byte keyVersion)
    {
        using var cmac = new AesCmac(master);
        var key = new byte[KeyLength];
        DeriveCardKey(cmac, purpose, card, keyVersion, key);
        return key;
    }

    /// <summary>The key of one application cryptogram: context is the ATC, 2 bytes. The card's key is one of purpose Cryptogram.</summary>
    public static void DeriveSessionKey(AesCmac cardKey, Atc atc, Span<byte> destination)
    {
        Span<byte> context = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(context, atc.Value);
        Derive(cardKey, SessionCryptogram, context, destination);
    }

    public static byte[] DeriveSessionKey(ReadOnlySpan<byte> cardKey, Atc atc)
    {
        using var cmac = new AesCmac(cardKey);
        var key = new byte[KeyLength];
        DeriveSessionKey(cmac, atc, key);
        return key;
    }

    private static void Derive(AesCmac key, byte constant, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, KeyLength);
        Span<byte> label = stackalloc byte[Sp800108Cmac.LabelLength];
        LabelPrefix.CopyTo(label);
        label[^1] = constant;
        Sp800108Cmac.Derive(key, label, context, destination);
    }
}
