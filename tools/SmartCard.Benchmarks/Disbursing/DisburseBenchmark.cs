using System.Diagnostics;
using Grpc.Net.Client;
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

/// <param name="Server">PostgreSQL; databases of its own are made on it.</param>
/// <param name="Seconds">Of each run.</param>
/// <param name="Only">Names of runs; empty for all.</param>
internal sealed record DisburseOptions(string DataFolder, string Server, string PgBenchProgram, int Seconds, int Rounds, int Households, IReadOnlyCollection<string> Only)
{
    public bool Wants(string run) => Only.Count == 0 || Only.Contains(run);
}

/// <summary>
/// The ledger against the disk: each round makes pgbench's run and one of every way into the ledger, in turn on the same server, and a ratio is that of the
/// medians. Draws are made ahead of a run; what it leaves of them was never recorded.
/// </summary>
internal sealed class DisburseBenchmark(DisburseOptions options)
{
    // More than a run can use up, so that none ends early.
    private const int WriterDrawsPerSecond = 40_000;
    private const int StreamDrawsPerSecond = 12_000;
    private const int UnaryDrawsPerSecond = 6_000;

    private const int WarmUpSeconds = 5;

    private const int OpenLoopPerSecond = 2_000;
    private const int Streams = 4;
    private const int StreamWindow = 256;

    /// <summary>Bakeries of the batch writer's draws; it asks nobody who they are.</summary>
    private const int Bakeries = 2_000;

    private readonly Dictionary<string, List<RunFigures>> _runs = [];
    private readonly List<double> _walBytes = [];
    private readonly List<double> _memory = [];
    private IReadOnlyList<double> _latencies = [];
    private IReadOnlyList<double> _streamLatencies = [];
    private string[] _databases = [];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(options.DataFolder))
            Directory.Delete(options.DataFolder, recursive: true);
        Directory.CreateDirectory(options.DataFolder);
        var stages = new Stages(AnsiConsole.Console);

        var yardstick = await BenchWorld.CreateDatabaseAsync(options.Server, "bench_pgbench", cancellation);
        var yard = await PgBench.CreateAsync(yardstick, options.PgBenchProgram, options.Households, cancellation);
        var connection = await BenchWorld.CreateDatabaseAsync(options.Server, "bench_ledger", cancellation);
        _databases = [yardstick, connection];
        await using var world = await BenchWorld.CreateAsync(options.DataFolder, connection, cancellation);
        await world.EnrolTerminalsAsync(options.DataFolder, cancellation);
        await using var source = NpgsqlDataSource.Create(connection);
        var ledger = new LedgerUnderTest(world, new BenchPopulation(options.Households));
        var stock = new PostgresStock(source, ledger.Population, ledger.Stock());
        await stages.RunAsync("Loading households", options.Households, _ => stock.LoadAsync(cancellation));
        await world.EndPeriodsAsync(ledger.Population, cancellation);

        await using var embedded = await BenchWorld.CreateAsync(Path.Combine(options.DataFolder, "embedded"), postgres: null, cancellation);
        var sqlite = new LedgerUnderTest(embedded, new BenchPopulation(options.Households));
        if (options.Wants("sqlite"))
            await stages.RunAsync("Loading households into SQLite", options.Households, _ => SqliteStock.LoadAsync(embedded.Services.GetRequiredService<ModuleDatabase>(), sqlite.Population, sqlite.Stock(), cancellation));

        await using var backend = await BackendUnderTest.StartAsync(world.Settings, cancellation);
        var terminals = world.Identities.Select(identity => Callers.Open(backend.Address, identity.TlsCertificate, identity.Chain, world.Root)).ToArray();
        var aggregator = Enumerable.Range(0, Streams).Select(_ => Callers.Open(backend.Address, world.Aggregator, world.AggregatorChain, world.Root)).ToArray();
        var clients = new DisposableList([.. terminals, .. aggregator]);
        var stolen = new StolenTime();
        using (clients)
        {
            // The first round warms both processes up and is not counted.
            for (var round = 0; round <= options.Rounds; round++)
            {
                var (counts, seconds) = round == 0 ? (false, Math.Min(WarmUpSeconds, options.Seconds)) : (true, options.Seconds);
                var length = TimeSpan.FromSeconds(seconds);
                await MeasureAsync("pgbench", counts, () => Task.FromResult(0), _ => yard.RunAsync(seconds, cancellation), cancellation);
                await MeasureAsync(
                    "batch", counts, () => Task.FromResult(ledger.Unsigned(SyntheticBakeries(world), seconds * WriterDrawsPerSecond)),
                    draws => WithWalAsync(source, counts, () => ledger.RunAsync(draws, length, cancellation), cancellation), cancellation);
                await MeasureAsync(
                    "stream", counts, () => SignedAsync(seconds * StreamDrawsPerSecond), draws => Callers.StreamAsync(aggregator, draws, StreamWindow, length, cancellation), cancellation);
                await MeasureAsync("unary", counts, () => SignedAsync(seconds * UnaryDrawsPerSecond), draws => Callers.UnaryAsync(terminals, draws, length, cancellation), cancellation);
                await MeasureAsync(
                    "sqlite", counts, () => Task.FromResult(sqlite.Unsigned(SyntheticBakeries(world), seconds * WriterDrawsPerSecond)),
                    draws => sqlite.RunAsync(draws, length, cancellation), cancellation);
                if (counts)
                    _memory.Add(backend.ResidentBytes / (1024.0 * 1024));
            }
            if (options.Wants("latency"))
            {
                _streamLatencies = await LatenciesAsync(draws => Callers.OpenLoopStreamAsync(aggregator, draws, OpenLoopPerSecond, cancellation));
                _latencies = await LatenciesAsync(draws => Callers.OpenLoopAsync(terminals, draws, OpenLoopPerSecond, cancellation));
            }
        }
        Console.WriteLine(FiguresOf(backend, stolen).ToLine());
        return 0;

        async Task<IReadOnlyList<double>> LatenciesAsync(Func<MadeDraws, Task<IReadOnlyList<double>>> measure)
        {
            var draws = await SignedAsync(options.Seconds * OpenLoopPerSecond);
            await TidyAsync(cancellation);
            return await measure(draws);
        }

        async Task<MadeDraws> SignedAsync(int count)
        {
            // A card has one key, made with its draw: no card may come twice.
            var draws = ledger.Signed(world.Terminals, Math.Min(count, options.Households));
            await stock.SetSignatureKeysAsync(draws, cancellation);
            return draws;
        }
    }

    private async Task MeasureAsync<T>(string run, bool counts, Func<Task<T>> prepare, Func<T, Task<RunFigures>> measure, CancellationToken cancellation)
    {
        if (!options.Wants(run))
            return;
        var draws = await prepare();
        GC.Collect();
        await TidyAsync(cancellation);
        var figures = await measure(draws);
        Console.WriteLine($"{run,8} {figures.PerSecond,9:N0}/s; microseconds each: here {figures.OwnMicros:N0}, backend {figures.BackendMicros:N0}, PostgreSQL {figures.ServerMicros:N0}{(counts ? "" : " (warm-up)")}");
        if (!counts)
            return;
        if (!_runs.TryGetValue(run, out var runs))
            _runs.Add(run, runs = []);
        runs.Add(figures);
    }

    /// <summary>
    /// What earlier runs and the preparation left to the server's housekeeping is done before a run, so that nobody's run pays for another's. What a run sets
    /// off itself it pays for: autovacuum is on.
    /// </summary>
    private async Task TidyAsync(CancellationToken cancellation)
    {
        foreach (var database in _databases)
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var tidy = source.CreateCommand("VACUUM (ANALYZE)");
            tidy.CommandTimeout = 0;
            await tidy.ExecuteNonQueryAsync(cancellation);
        }
        await UntilQuietAsync(cancellation);
    }

    private async Task UntilQuietAsync(CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(options.Server);
        await using var working = source.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'");
        var quietSince = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(quietSince) < TimeSpan.FromSeconds(1))
        {
            if ((long)(await working.ExecuteScalarAsync(cancellation))! > 0)
                quietSince = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    private async Task<RunFigures> WithWalAsync(NpgsqlDataSource source, bool counts, Func<Task<RunFigures>> measure, CancellationToken cancellation)
    {
        var before = await WalAsync();
        var figures = await measure();
        if (counts)
            _walBytes.Add((double)(await WalAsync() - before) / figures.Count);
        return figures;

        async Task<decimal> WalAsync()
        {
            await using var command = source.CreateCommand("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
            return (decimal)(await command.ExecuteScalarAsync(cancellation))!;
        }
    }

    private static TerminalStanding[] SyntheticBakeries(BenchWorld world) =>
        [.. Enumerable.Range(0, Bakeries).Select(number => world.Terminals[0] with
        {
            Terminal = TerminalId.Parse($"BK{number:D6}"),
            Merchant = new MerchantId(90_000 + number),
            Outlet = new OutletId(90_000 + number),
        })];

    private DisburseFigures FiguresOf(BackendUnderTest backend, StolenTime stolen)
    {
        var pgbench = MedianOf("pgbench", figures => figures.PerSecond);
        var stream = MedianOf("stream", figures => figures.PerSecond);
        return new DisburseFigures
        {
            Households = options.Households,
            Rounds = options.Rounds,
            SecondsPerRun = options.Seconds,
            StolenPercent = stolen.Percent(),
            PgbenchTps = pgbench,
            BatchTps = MedianOf("batch", figures => figures.PerSecond),
            StreamTps = stream,
            UnaryTps = MedianOf("unary", figures => figures.PerSecond),
            SqliteTps = MedianOf("sqlite", figures => figures.PerSecond),
            BatchVsPgbench = Against("batch"),
            StreamVsPgbench = Against("stream"),
            StreamVerifiedVsPgbench = Against("stream"),
            UnaryVsPgbench = Against("unary"),
            SqliteVsPgbench = Against("sqlite"),
            SignatureBacklog = stream is null ? null : 0,
            OpenLoopPerSecond = _latencies.Count == 0 ? null : OpenLoopPerSecond,
            LatencyMsP50 = PercentileOf(_latencies, 50),
            LatencyMsP99 = PercentileOf(_latencies, 99),
            StreamLatencyMsP50 = PercentileOf(_streamLatencies, 50),
            StreamLatencyMsP99 = PercentileOf(_streamLatencies, 99),
            WalBytesPerDisbursement = _walBytes.Count == 0 ? null : Median(_walBytes),
            BatchLedgerMicros = MedianOf("batch", figures => figures.OwnMicros),
            BatchPostgresMicros = MedianOf("batch", figures => figures.ServerMicros),
            BackendMemoryMiBFirst = Math.Round(_memory[0]),
            BackendMemoryMiB = Math.Round(_memory[^1]),
            BackendMemoryMiBPeak = Math.Round(backend.PeakResidentBytes / (1024.0 * 1024)),
        };

        double? Against(string run) => pgbench is { } yard && MedianOf(run, figures => figures.PerSecond) is { } own ? Math.Round(own / yard, 2) : null;
    }

    private double? MedianOf(string run, Func<RunFigures, double> figure) =>
        _runs.TryGetValue(run, out var figures) ? Median([.. figures.Select(figure)]) : null;

    private static double Median(IReadOnlyCollection<double> values) => Math.Round(Percentiles.NearestRank([.. values], 50), 1);

    private static double? PercentileOf(IReadOnlyList<double> latencies, int percent) => latencies.Count == 0 ? null : Percentiles.NearestRank([.. latencies], percent);

    private sealed class DisposableList(IReadOnlyList<GrpcChannel> channels) : IDisposable
    {
        public void Dispose()
        {
            foreach (var channel in channels)
                channel.Dispose();
        }
    }
}

/// <summary>The ledger inside this process, on the database of a world, with draws for it.</summary>
internal sealed class LedgerUnderTest(BenchWorld world, BenchPopulation population)
{
    private readonly IProgrammes _programmes = world.Services.GetRequiredService<IProgrammes>();
    private readonly BusinessCalendar _calendar = world.Services.GetRequiredService<BusinessCalendar>();
    private int _makers;

    public BenchPopulation Population => population;

    public IReadOnlyList<StockTable> Stock() => LedgerStock.TablesOf(population, _programmes.RulesOn(_calendar.Today));

    public MadeDraws Unsigned(IReadOnlyList<TerminalStanding> terminals, int count) => MakerFor(terminals).MakeUnsigned(count);

    public MadeDraws Signed(IReadOnlyList<TerminalStanding> terminals, int count) =>
        MakerFor(terminals).MakeSigned(count, world.Services.GetRequiredService<IKeyStore>());

    public Task<RunFigures> RunAsync(MadeDraws draws, TimeSpan length, CancellationToken cancellation) =>
        new WriterRun(
            world.Services.GetRequiredService<LedgerPath>(), world.Services.GetRequiredService<RecordClock>(), _programmes, TimeProvider.System)
            .RunAsync(draws, length, cancellation);

    // Each makes transaction ids of its own.
    private DrawMaker MakerFor(IReadOnlyList<TerminalStanding> terminals) => new(++_makers, population, terminals, _programmes, _calendar, TimeProvider.System);
}
