using System.Diagnostics;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Campaigns;

/// <summary>Many seeds, side by side on the machine's cores; each on one thread from beginning to end.</summary>
internal sealed class Campaign(CampaignOptions options)
{
    /// <summary>Cards of each simulation; most share a household with another.</summary>
    private const int Cards = 5;

    private readonly Lock _turn = new();
    private readonly CampaignSummary.Sums _sums = new();
    private readonly List<SimulationResult> _failures = [];
    private long _next = options.FirstSeed;

    /// <summary>What did not hold, by seed.</summary>
    public IReadOnlyList<SimulationResult> Failures => _failures;

    /// <param name="done">Told of each seed that is done, from any thread.</param>
    public async Task<CampaignSummary> RunAsync(Action<SimulationResult> done, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await using var database = options.Database == CampaignDatabase.Memory ? null : await DatabaseLedger.OpenAsync(options, cancellation);
        using var bureau = database is null ? new Bureau(Cards, Merchant.All) : null;
        // A worker has a thread of its own, large enough for a simulation's nested turns, and shares nothing with another but the bureau.
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Factory.StartNew(
            () => Work(bureau, database, done, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Task.WhenAll(workers);
        _failures.Sort((a, b) => a.Seed.CompareTo(b.Seed));
        return _sums.ToSummary((long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>A trace has one reader, and a real ledger one order in which it was written.</summary>
    private int Workers => options.TraceTo is null && options.Database == CampaignDatabase.Memory ? (int)Math.Min(options.Threads, options.SeedCount) : 1;

    private void Work(Bureau? bureau, DatabaseLedger? database, Action<SimulationResult> done, CancellationToken cancellation)
    {
        for (var seed = Next(); seed <= options.LastSeed && !cancellation.IsCancellationRequested; seed = Next())
        {
            var result = Run(seed, bureau, database);
            lock (_turn)
            {
                _sums.Add(result);
                if (result.Violation is not null)
                    _failures.Add(result);
            }

            done(result);
        }
    }

    private long Next() => Interlocked.Increment(ref _next) - 1;

    private SimulationResult Run(long seed, Bureau? bureau, DatabaseLedger? database)
    {
        if (database is null)
        {
            var ledger = new MemoryLedger(options.Plants.Store);
            return Simulation.Run(new SimulationSetup(bureau!, ledger, ledger, options.Plants, TraceTo: options.TraceTo), seed, options.Turns);
        }

        // One database for all seeds: each has cards and households of its own.
        var first = 1 + ((seed - options.FirstSeed) * Cards);
        using var own = new Bureau(Cards, Merchant.All, (ulong)first);
        return Simulation.Run(new SimulationSetup(own, database, database, options.Plants, first, options.TraceTo), seed, options.Turns);
    }
}
