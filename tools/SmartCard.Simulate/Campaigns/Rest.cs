using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.Terminals;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Campaigns;

/// <summary>
/// The end of a simulation: nothing goes wrong any more, every process runs, clocks are right, cards come back to the terminals that have a torn draw of
/// theirs, and everything unsent is sent. What is still open after that is open for ever.
/// </summary>
internal sealed class Rest(SimulatedWorld world)
{
    private const int RoundsMax = 12;

    public async Task ComeAsync(SimulatedProcess people)
    {
        world.Faults.IsOn = false;
        world.Network.MendAll();
        world.Trace.Add("rest", "nothing goes wrong any more");
        // Everything that is still on its way arrives, and the processes that were starting have started.
        await people.PauseAsync(TimeSpan.FromMinutes(3));
        foreach (var station in world.Terminals)
            station.ClockOffset = TimeSpan.Zero;
        foreach (var backend in world.Backends.Where(backend => !backend.IsAlive))
            backend.Start();
        foreach (var station in world.Terminals.Where(station => !station.IsAlive || station.Journal is null))
        {
            station.Kill();
            station.Start();
        }

        for (var round = 0; round < RoundsMax && !IsOver(); round++)
        {
            await people.PauseAsync(TimeSpan.FromMinutes(2));
            foreach (var station in Calling())
            {
                station.Refresh();
                station.Send();
            }

            await people.PauseAsync(TimeSpan.FromMinutes(2));
            foreach (var station in world.Terminals)
                await BringCardsAsync(station, people);
        }

        if (!IsOver())
            world.Trace.Add("rest", $"something stays open: {string.Join(", ", world.Terminals.Select(station => $"{station.Name} unsent {station.Journal?.CountUnsent()} torn {station.Journal?.CountTorn()}"))}");
    }

    private bool IsOver() => world.Terminals.All(station =>
        station.Journal is { } journal && !station.IsServing
        && (world.Registers.IsRevoked(station.Merchant.Terminal) || journal.CountUnsent() == 0)
        && !world.Cards.Any(card => MaySettle(card) && journal.FindTorn(card.Number) is not null));

    private IEnumerable<TerminalStation> Calling() => world.Terminals.Where(station => station.IsOpen && !world.Registers.IsRevoked(station.Merchant.Terminal));

    /// <summary>The citizens whose draws were cut off come back, want nothing new, and get what they are owed.</summary>
    private async Task BringCardsAsync(TerminalStation station, SimulatedProcess people)
    {
        foreach (var card in world.Cards.Where(MaySettle).ToArray())
        {
            if (!station.IsOpen || station.IsServing || card.IsInUse || station.Journal?.FindTorn(card.Number) is null)
                continue;
            station.Tap(card, _ => null);
            await people.PauseAsync(TimeSpan.FromMinutes(2));
        }
    }

    /// <summary>A card on the denylist is refused before its log is read.</summary>
    private bool MaySettle(SimulatedCard card) => !world.Registers.IsBlocked(card.Number);
}
