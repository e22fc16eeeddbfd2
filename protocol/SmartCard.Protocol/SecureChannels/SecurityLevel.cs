namespace SmartCard.Protocol.SecureChannels;

/// <summary>What secure messaging protects: P1 of EXTERNAL AUTHENTICATE (GP Amendment D, 7.1.2.1).</summary>
[Flags]
public enum SecurityLevel : byte
{
    None = 0x00,
    CMac = 0x01,
    CEnc = 0x02,
    RMac = 0x10,
    REnc = 0x20,

    CMacCEnc = CMac | CEnc,
    CMacRMac = CMac | RMac,
    CMacCEncRMac = CMac | CEnc | RMac,
    Full = CMac | CEnc | RMac | REnc,
}

public static class SecurityLevels
{
    /// <summary>01, 03, 11, 13 and 33. A session without a MAC on its commands is not offered.</summary>
    public static bool IsSupported(this SecurityLevel level) => level is
        SecurityLevel.CMac or SecurityLevel.CMacCEnc or SecurityLevel.CMacRMac or SecurityLevel.CMacCEncRMac or SecurityLevel.Full;

    public static bool Has(this SecurityLevel level, SecurityLevel flag) => (level & flag) != SecurityLevel.None;
}
