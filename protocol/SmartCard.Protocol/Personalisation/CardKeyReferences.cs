using SmartCard.Protocol.SecureChannels;

namespace SmartCard.Protocol.Personalisation;

/// <summary>
/// Key versions (KVN) and key ids (KID) on a subsidy card. The SCP11a ones are in <see cref="Scp11aKeys"/>; KIDs follow GP Amendments D and F where those name one.
/// </summary>
public static class CardKeyReferences
{
    /// <summary>The SCP03 key set: KID 01 ENC, 02 MAC, 03 DEK.</summary>
    public const byte Scp03KeyVersion = 0x30;
    public const byte Scp03FirstKeyId = 0x01;

    /// <summary>The application's own keys: KID 01 cryptogram, 02 script MAC.</summary>
    public const byte ApplicationKeyVersion = 0x40;
    public const byte ApplicationFirstKeyId = 0x01;

    /// <summary>The key that signs transaction records; its version is <see cref="Scp11aKeys.KeyVersion"/>.</summary>
    public const byte SignatureKeyId = 0x20;

    /// <summary>P2 of PUT KEY: several keys follow, the first with this id (GP Card Specification 2.3, 11.8.2.2).</summary>
    public const byte SeveralKeys = 0x80;

    public const byte AesKeyType = 0x88;
    public const byte EcPublicKeyType = 0xB0;
    public const byte EcPrivateKeyType = 0xB1;
    public const byte EcParametersType = 0xF0;

    /// <summary>Key parameter reference 00: NIST P-256 (GP Amendment F, B.2).</summary>
    public const byte ParametersP256 = 0x00;

    /// <summary>The published test keys of GlobalPlatform cards, 40 41 .. 4F for all three: what a blank card leaves the factory with.</summary>
    public static Scp03StaticKeys PublishedTestKeys()
    {
        ReadOnlySpan<byte> key = [0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F];
        return new Scp03StaticKeys(key, key, key);
    }
}
