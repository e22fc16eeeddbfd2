namespace SmartCard.Protocol.Apdus;

/// <summary>The bits of CLA that this product uses, in the first interindustry range (ISO 7816-4, 5.4.1) and GlobalPlatform's copy of it at 8x.</summary>
public static class ClassByte
{
    public const byte Interindustry = 0x00;
    public const byte Proprietary = 0x80;

    /// <summary>This command is not the last of its chain.</summary>
    public const byte ChainingBit = 0x10;

    /// <summary>The data field is protected by GlobalPlatform secure messaging.</summary>
    public const byte SecureMessagingBit = 0x04;

    private const byte LogicalChannelMask = 0x03;
    private const byte FurtherInterindustryBit = 0x40;

    public static bool IsChained(byte cla) => (cla & ChainingBit) != 0;

    public static bool IsSecured(byte cla) => (cla & SecureMessagingBit) != 0;

    /// <summary>True for the basic logical channel, the only one that these cards have.</summary>
    public static bool IsBasicChannel(byte cla) => (cla & (LogicalChannelMask | FurtherInterindustryBit)) == 0;
}
