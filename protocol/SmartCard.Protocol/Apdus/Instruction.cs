namespace SmartCard.Protocol.Apdus;

/// <summary>Instruction bytes that a subsidy card knows, by the name of the standard that defines each.</summary>
public static class Instruction
{
    // ISO 7816-4, 7816-8
    public const byte Verify = 0x20;
    public const byte PerformSecurityOperation = 0x2A;
    public const byte ResetRetryCounter = 0x2C;
    public const byte Select = 0xA4;
    public const byte ReadRecord = 0xB2;
    public const byte GetResponse = 0xC0;
    public const byte GetData = 0xCA;
    public const byte PutData = 0xDA;

    // GlobalPlatform Card Specification 2.3, Amendments D and F. EXTERNAL and MUTUAL AUTHENTICATE share a byte.
    public const byte InitializeUpdate = 0x50;
    public const byte ExternalAuthenticate = 0x82;
    public const byte MutualAuthenticate = 0x82;
    public const byte PutKey = 0xD8;
    public const byte SetStatus = 0xF0;
    public const byte GetStatus = 0xF2;
    public const byte StoreData = 0xE2;
    public const byte GenerateKeyPair = 0xF1;

    // EMV Book 3
    public const byte GetProcessingOptions = 0xA8;
    public const byte GenerateApplicationCryptogram = 0xAE;
}
