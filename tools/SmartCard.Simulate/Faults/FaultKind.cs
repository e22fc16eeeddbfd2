namespace SmartCard.Simulate.Faults;

/// <summary>What can go wrong. A campaign counts each, and fails where one never came.</summary>
internal enum FaultKind
{
    // The network between a terminal and a backend.
    RequestLost,
    AnswerLost,
    RequestDoubled,
    MessageDelayed,
    MessagesReordered,
    StreamCut,
    LineDown,

    // A terminal's process.
    TerminalDiesBeforeIntent,
    TerminalDiesAfterIntent,
    TerminalDiesAfterCardCommit,
    TerminalDiesBeforeAuthorise,
    TerminalDiesAfterAuthorise,
    TerminalDiesBeforeReceipt,
    TerminalDiesWhileSending,
    TerminalDiesAtAnyCommand,
    TerminalDiesAtAnyTime,

    // A card.
    CardTornBeforeCommand,
    CardTornAfterCommand,
    CardPowerCutInWrite,
    CardCloned,
    CardBlocked,

    // A backend's process.
    BackendDiesBeforeWrite,
    BackendDiesAfterWrite,
    BackendDiesWhileReading,
    BackendDiesAtAnyTime,
    HouseholdOutrun,
    QueueFull,

    // The database.
    ConnectionLostBeforeCommit,
    ConnectionLostAfterCommit,
    ConnectionLostWhileReading,
    BatchRefused,
    RequestPoisoned,

    // Clocks and calendars.
    TerminalClockStepped,
    DaylightSavingNight,
    RamadanTime,
    PeriodTurned,

    // What the ministry decides meanwhile.
    TerminalRevoked,
    HouseholdReshaped,
    CreditRepeated,
}
