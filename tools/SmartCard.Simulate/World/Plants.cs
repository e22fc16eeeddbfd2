using SmartCard.Simulate.Stores;

namespace SmartCard.Simulate.World;

/// <summary>Protections that a test takes away to show that the simulation notices. None in a campaign.</summary>
internal sealed record Plants
{
    public static Plants None { get; } = new();

    public StorePlants Store { get; init; }

    /// <summary>Requests are answered before their batch is written.</summary>
    public bool AcknowledgesBeforeTheWrite { get; init; }

    /// <summary>A terminal that was killed starts with an empty journal.</summary>
    public bool TerminalForgetsJournal { get; init; }
}
