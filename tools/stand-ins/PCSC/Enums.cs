namespace PCSC;

/// <summary>Whose readers a context sees.</summary>
public enum SCardScope
{
    User = 0,
    Terminal = 1,
    System = 2,
}

/// <summary>Who else may use a connected card.</summary>
public enum SCardShareMode
{
    Exclusive = 1,
    Shared = 2,
    Direct = 3,
}

/// <summary>Transmission protocols of ISO 7816-3, as a set.</summary>
[Flags]
public enum SCardProtocol
{
    Unset = 0x0,
    T0 = 0x1,
    T1 = 0x2,
    Raw = 0x4,
    Any = T0 | T1,
}

/// <summary>What happens to the card when it is let go.</summary>
public enum SCardReaderDisposition
{
    Leave = 0,
    Reset = 1,
    Unpower = 2,
    Eject = 3,
}

/// <summary>State of a reader as the resource manager knows it.</summary>
[Flags]
public enum SCRState
{
    /// <summary>The caller knows nothing: a wait returns at once.</summary>
    Unaware = 0x0000,
    Ignore = 0x0001,
    Changed = 0x0002,

    /// <summary>No such reader.</summary>
    Unknown = 0x0004,
    Unavailable = 0x0008,
    Empty = 0x0010,
    Present = 0x0020,
    AtrMatch = 0x0040,
    Exclusive = 0x0080,
    InUse = 0x0100,

    /// <summary>What lies there does not answer to reset.</summary>
    Mute = 0x0200,
    Unpowered = 0x0400,
}

/// <summary>Return codes of the PC/SC functions. (PC/SC part 5; winscard.h)</summary>
public enum SCardError
{
    Success = 0,
    InternalError = unchecked((int)0x80100001),
    Cancelled = unchecked((int)0x80100002),
    InvalidHandle = unchecked((int)0x80100003),
    InvalidParameter = unchecked((int)0x80100004),
    InvalidTarget = unchecked((int)0x80100005),
    NoMemory = unchecked((int)0x80100006),
    WaitedTooLong = unchecked((int)0x80100007),
    InsufficientBuffer = unchecked((int)0x80100008),
    UnknownReader = unchecked((int)0x80100009),
    Timeout = unchecked((int)0x8010000A),
    SharingViolation = unchecked((int)0x8010000B),
    NoSmartcard = unchecked((int)0x8010000C),
    ProtocolMismatch = unchecked((int)0x8010000F),
    NotReady = unchecked((int)0x80100010),
    InvalidValue = unchecked((int)0x80100011),
    CommunicationError = unchecked((int)0x80100013),
    UnknownError = unchecked((int)0x80100014),
    NotTransacted = unchecked((int)0x80100016),
    ReaderUnavailable = unchecked((int)0x80100017),
    Shutdown = unchecked((int)0x80100018),
    NoService = unchecked((int)0x8010001D),
    ServiceStopped = unchecked((int)0x8010001E),
    NoReadersAvailable = unchecked((int)0x8010002E),
    UnsupportedCard = unchecked((int)0x80100065),
    UnresponsiveCard = unchecked((int)0x80100066),
    UnpoweredCard = unchecked((int)0x80100067),
    ResetCard = unchecked((int)0x80100068),
    RemovedCard = unchecked((int)0x80100069),
}
