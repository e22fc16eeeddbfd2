using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.Personalisation;

/// <summary>Life cycle of a card, by GlobalPlatform's values (GP Card Specification 2.3, table 11-6).</summary>
public enum CardLifeCycle : byte
{
    None = 0,

    /// <summary>Blank, with the factory's SCP03 keys.</summary>
    OpReady = 0x01,

    /// <summary>Being personalised.</summary>
    Initialized = 0x07,

    /// <summary>Personalised and in use. There is no way back to the states before.</summary>
    Secured = 0x0F,

    /// <summary>The issuer locked it; the issuer may unlock it.</summary>
    CardLocked = 0x7F,

    /// <summary>For ever.</summary>
    Terminated = 0xFF,
}

/// <summary>SET STATUS of the whole card (GP Card Specification 2.3, 11.10): P1 80, P2 the new state, no data.</summary>
public static class SetStatusData
{
    public const byte WholeCard = 0x80;

    public static CommandApdu Command(CardLifeCycle state) => new(ClassByte.Proprietary, Instruction.SetStatus, WholeCard, (byte)state);
}
