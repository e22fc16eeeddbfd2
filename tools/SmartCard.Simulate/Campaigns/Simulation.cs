using SmartCard.Simulate.Audit;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Campaigns;

/// <summary>How one seed ended.</summary>
/// <param name="Fired">By <see cref="FaultKind"/>.</param>
/// <param name="Violation">Null where everything held.</param>
/// <param name="LastLines">Of the trace; empty where everything held.</param>
internal sealed record SimulationResult(
    long Seed, long Turns, string Digest, long[] Fired, int CardCommits, int GoodsHandedOver, Violation? Violation, IReadOnlyList<string> LastLines);

/// <summary>One seed, from the first turn to the audit.</summary>
internal static class Simulation
{
    /// <summary>Coming to rest takes some hundreds of turns; who needs more never will.</summary>
    private const long TurnsToRestMax = 200_000;

    /// <param name="turns">After so many turns the world begins to come to rest.</param>
    public static SimulationResult Run(SimulationSetup setup, long seed, long turns)
    {
        using var world = new SimulatedWorld(setup, (ulong)seed);
        var people = new SimulatedProcess(world.Scheduler, "people", world.Crashed);
        var isDone = false;
        people.Start(async () =>
        {
            await new Driver(world).RunAsync(people, turns);
            await new Rest(world).ComeAsync(people);
            isDone = true;
        });

        while (!isDone && world.Violation is null)
        {
            if (!world.Scheduler.TakeTurn() || world.Scheduler.Turns > turns + TurnsToRestMax)
                world.Fail(new Violation("the world comes to rest", $"after {world.Scheduler.Turns} turns it has not"));
            world.CheckInvariants();
        }

        if (world.Violation is null)
        {
            world.CheckEverything();
            foreach (var violation in new Auditor(world).Audit())
                world.Fail(violation);
        }

        var lines = world.Violation is null ? [] : world.Trace.Last;
        return new SimulationResult(
            seed, world.Scheduler.Turns, world.Trace.Digest(), world.Faults.Fired, world.CardCommits.All.Count, world.Goods.All.Count, world.Violation, lines);
    }
}
