using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.Protocol.Tests.SecureChannels;

/// <summary>Two ends of one session with known keys, and a channel between them.</summary>
internal static class Sessions
{
    public static readonly byte[] Enc = Convert.FromHexString("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF");
    public static readonly byte[] Mac = Convert.FromHexString("B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF");
    public static readonly byte[] Rmac = Convert.FromHexString("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF");
    public static readonly byte[] Dek = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    public static readonly byte[] Chain = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");

    public static readonly SecurityLevel[] Levels =
    [
        SecurityLevel.CMac, SecurityLevel.CMacCEnc, SecurityLevel.CMacRMac, SecurityLevel.CMacCEncRMac, SecurityLevel.Full,
    ];

    public static TheoryData<SecurityLevel> EveryLevel => [.. Levels];

    public static TheoryData<SecurityLevel> EveryLevelWithRMac => [.. Levels.Where(level => level.Has(SecurityLevel.RMac))];

    public static SecureMessaging End(SecurityLevel level) => new(new SessionKeys(Enc, Mac, Rmac, Dek), level, Chain);

    public static (SecureMessaging Host, SecureMessaging Card) Pair(SecurityLevel level) => (End(level), End(level));
}

/// <summary>A card behind secure messaging whose application is one function.</summary>
internal sealed class CardUnderSecureMessaging(SecureMessaging messaging, Func<CommandApdu, ResponseApdu> application) : ICardChannel
{
    public Func<ResponseApdu, ResponseApdu> OnTheWire { get; set; } = response => response;

    public ResponseApdu Transmit(CommandApdu command) => OnTheWire(
        messaging.TryUnwrapCommand(command, out var plain, out var refusal)
            ? messaging.WrapResponse(application(plain))
            : new ResponseApdu(refusal.ToStatusWord()));
}
