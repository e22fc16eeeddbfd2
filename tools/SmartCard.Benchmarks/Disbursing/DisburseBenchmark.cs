using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Demo.Report;
using SmartCard.Protocol.Transactions;
using Spectre.Console;

namespace SmartCard.Benchmarks.Disbursing;

/// <param name="Seconds">Of each run.</param>
/// <param name="Only">Names of runs; empty for all.</param>
internal sealed record DisburseOptions(string DataFolder, string Server, string PgBenchProgram, int Seconds, int Rounds, int Households, IReadOnlyCollection<string> Only)
{
    public bool Wants(string run) => Only.Count == 0 || Only.Contains(run);
}

/// <summary>
/// The ledger against the disk: each round runs pgbench and every way into the ledger, one after another on the same server, and a ratio is that of
/// the medians. Draws are made ahead; what a run leaves of them was never recorded.
/// </summary>
internal sealed class DisburseBenchmark(DisburseOptions options)
{
    /// <summary>More than any run can use up in a second, so that none ends early.</summary>
    private const int WriterDrawsPerSecond = 60_000;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(options.DataFolder))
            Directory.Delete(options.DataFolder, recursive: true);
        Directory.CreateDirectory(options.DataFolder);
        var stages = new Stages(AnsiConsole.Console);
        var runs = new Dictionary<string, List<RunFigures>>();

        var population = new BenchPopulation(options.Households);
        var yard = await PgBench.CreateAsync(await BenchWorld.CreateDatabaseAsync(options.Server, "bench_pgbench", cancellation), options.PgBenchProgram, options.Households, cancellation);
        var connection = await BenchWorld.CreateDatabaseAsync(options.Server, "bench_ledger", cancellation);
        await using var world = await BenchWorld.CreateAsync(options.DataFolder, connection, cancellation);
        await world.EnrolTerminalsAsync(options.DataFolder, cancellation);
        await using var source = NpgsqlDataSource.Create(connection);
        var programmes = world.Services.GetRequiredService<IProgrammes>();
        var calendar = world.Services.GetRequiredService<BusinessCalendar>();
        var tables = LedgerStock.TablesOf(population, programmes.RulesOn(calendar.Today));
        var stock = new PostgresStock(source, population, tables);
        await stages.RunAsync("Loading households", options.Households, _ => stock.LoadAsync(cancellation));
        var bakeries = Bakeries(2_000);
        var maker = new DrawMaker(population, bakeries, programmes, calendar, TimeProvider.System);

        for (var round = 0; round < options.Rounds; round++)
        {
            await MeasureAsync("pgbench", () => yard.RunAsync(options.Seconds, cancellation));
            await MeasureAsync("batch", () => WriterAsync(world.Services));
        }
        foreach (var (run, figures) in runs)
            Console.WriteLine($"{run}: {string.Join(" ", figures.Select(figure => figure.PerSecond.ToString("F0")))}");
        return 0;

        IReadOnlyList<TerminalStanding> Bakeries(int count) => [.. Enumerable.Range(0, count).Select(number => world.Terminals[0] with
        {
            Terminal = TerminalId.Parse($"BK{number:D6}"), Merchant = new MerchantId(90_000 + number), Outlet = new OutletId(90_000 + number),
        })];

        async Task MeasureAsync(string run, Func<Task<RunFigures>> measure)
        {
            if (!options.Wants(run))
                return;
            var (g0, g1, g2, bytes, pause) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
            var figure = await measure();
            Console.WriteLine($"gc {GC.CollectionCount(0) - g0} {GC.CollectionCount(1) - g1} {GC.CollectionCount(2) - g2} alloc {(GC.GetTotalAllocatedBytes() - bytes) / 1e6:F0} MB pause {(GC.GetTotalPauseDuration() - pause).TotalMilliseconds} ms");
            if (!runs.TryGetValue(run, out var figures))
                runs.Add(run, figures = []);
            figures.Add(figure);
            Console.WriteLine($"{run} {figure.PerSecond:N0}/s, {figure.OwnMicros:F1} + {figure.ServerMicros:F1} us");
        }

        Task<RunFigures> WriterAsync(IServiceProvider services)
        {
            var draws = maker.MakeUnsigned(options.Seconds * WriterDrawsPerSecond);
            GC.Collect();
            Console.WriteLine("writing");
            var run = new WriterRun(services.GetRequiredService<LedgerPath>(), services.GetRequiredService<RecordClock>(), population, bakeries, programmes, TimeProvider.System);
            return run.RunAsync(draws, TimeSpan.FromSeconds(options.Seconds), cancellation);
        }
    }
}
