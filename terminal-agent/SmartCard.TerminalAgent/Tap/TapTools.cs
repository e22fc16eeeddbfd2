using SmartCard.Protocol.Cryptography;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>What a tap works with; the same for every tap until parameters or certificates change.</summary>
internal sealed record TapTools(
    TerminalParameters Parameters,
    TerminalIdentity Identity,
    TapJournal Journal,
    TerminalStore Store,
    BackendLink Link,
    LineState Line,
    BusinessClock Clock,
    IPinPad PinPad,
    IRandomSource Random);
