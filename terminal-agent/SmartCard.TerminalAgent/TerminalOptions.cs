using SmartCard.Protocol.Cryptography;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Receipts;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent;

/// <summary>How one terminal is set up. An enrolled terminal's folder holds the rest.</summary>
public sealed record TerminalOptions
{
    /// <summary>Keys, certificates and journal. One process at a time.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the backend answers; null for where it answered at enrolment.</summary>
    public Uri? Backend { get; init; }
    public Language Language { get; init; } = Language.Arabic;
    public DigitStyle Digits { get; init; } = DigitStyle.ArabicIndic;

    /// <summary>Characters on a line of the printer's paper: 32 (58 mm) or 42 (80 mm).</summary>
    public int PaperColumns { get; init; } = 42;
    public BackendDeadlines Deadlines { get; init; } = new();

    /// <summary>How long the line is taken to be down after a call without an answer.</summary>
    public TimeSpan LineHoldDown { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>First and longest pause between rounds of sending that got no further.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(2);
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often parameters, denylist and certificates are looked after while the terminal is idle.</summary>
    public TimeSpan UpkeepInterval { get; init; } = TimeSpan.FromMinutes(15);
    /// <summary>How long settled draws can be printed again; then they leave the journal, at a Z.</summary>
    public TimeSpan JournalKept { get; init; } = TimeSpan.FromDays(90);
    public IPinPad PinPad { get; init; } = NoPinPad.Instance;
    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    /// <summary>Puts another handler around the connection to the backend, such as one that counts, delays or cuts off; null for none.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? WrapHandler { get; init; }
}
