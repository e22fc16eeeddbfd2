using System.Diagnostics;
using SmartCard.Demo.Report;
using SmartCard.Faults.Load;
using SmartCard.Faults.Report;
using SmartCard.Faults.Rounds;
using SmartCard.Faults.World;
using SmartCard.LedgerCheck;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Reports;

namespace SmartCard.Faults;

/// <param name="DataFolder">Made anew at each run; nothing outside it is touched.</param>
/// <param name="Draws">In flight in a round.</param>
internal sealed record CampaignOptions(int Rounds, int Seed, int Draws, string DataFolder);

/// <summary>Rounds of faults, in rotation, against one installation on SQLite and one on PostgreSQL; in the end each ledger is recomputed.</summary>
internal sealed class Campaign(CampaignOptions options)
{
    private const int CardFiles = 8;

    private readonly long _began = Stopwatch.GetTimestamp();

    // The first five are what a short campaign has time for.
    private readonly Fault?[] _rotation =
    [
        new BackendKilled(),
        new PostgresKilled(),
        null, // the terminal
        new ConnectionCut("clientCut", ofDatabase: false, SiteKind.Postgres, SiteKind.Sqlite),
        new DiskFull("sqliteDiskFull", SiteKind.Sqlite),
        new ConnectionCut("databaseCut", ofDatabase: true, SiteKind.Postgres),
        new DiskFull("postgresDiskFull", SiteKind.Postgres),
    ];

    private readonly List<RoundResult> _results = [];
    private readonly SortedDictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private readonly Dictionary<SiteKind, List<CampaignDraw>> _draws = new() { [SiteKind.Sqlite] = [], [SiteKind.Postgres] = [] };
    private readonly Dictionary<SiteKind, List<string>> _tapped = new() { [SiteKind.Sqlite] = [], [SiteKind.Postgres] = [] };

    /// <summary>The summary, and what is wrong; nothing where all is well.</summary>
    public async Task<(FaultsSummary Summary, IReadOnlyList<string> Wrong)> RunAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(options.DataFolder))
            Directory.Delete(options.DataFolder, recursive: true);
        // A loaf or some salt a draw: with so many households most draws of the campaign can be approved.
        var cards = 12 + options.Rounds;
        var sqlite = await BuildAsync(SiteKind.Sqlite, cards / 2, cancellation);
        await using (sqlite)
        {
            var postgres = await BuildAsync(SiteKind.Postgres, cards, cancellation);
            await using (postgres)
            {
                var sites = new Dictionary<SiteKind, Site> { [SiteKind.Sqlite] = sqlite, [SiteKind.Postgres] = postgres };
                await RunRoundsAsync(sites, cancellation);
                var ledgers = new SortedDictionary<string, LedgerReport>(StringComparer.Ordinal);
                var lostSince = 0;
                foreach (var site in sites.Values)
                {
                    var view = await LedgerView.ReadAsync(site, cancellation);
                    lostSince += _draws[site.Kind].Count(draw => Round.IsLost(draw, view)) + _tapped[site.Kind].Count(transaction => !view.HoldsApproved(transaction));
                    var report = await CheckAsync(site, cancellation);
                    ledgers.Add(report.Database, report);
                }
                var summary = Summarise(Math.Max(lostSince, _results.Sum(result => result.Lost)), ledgers);
                return (summary, [.. WhatIsWrong(summary, ledgers)]);
            }
        }
    }

    private async Task<Site> BuildAsync(SiteKind kind, int cards, CancellationToken cancellation)
    {
        Console.WriteLine($"{kind}: {cards + CardFiles} households with cards, 10 terminals");
        return await Site.BuildAsync(kind, Path.Combine(options.DataFolder, kind.ToString()), cards, CardFiles, options.Seed, cancellation);
    }

    private async Task RunRoundsAsync(Dictionary<SiteKind, Site> sites, CancellationToken cancellation)
    {
#pragma warning disable RS0030 // The one source of chance, seeded: the same seed makes the same faults at the same counts.
        var random = new Random(options.Seed);
#pragma warning restore RS0030
        var makers = sites.ToDictionary(site => site.Key, site => new DrawMaker(site.Value, random));
        var turns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var number = 0; number < options.Rounds; number++)
        {
            var fault = _rotation[number % _rotation.Length];
            var kind = fault?.Kind ?? TerminalRound.Kind;
            var where = fault?.Sites ?? [SiteKind.Postgres, SiteKind.Sqlite];
            var turn = turns[kind] = turns.GetValueOrDefault(kind) + 1;
            var site = sites[where[(turn - 1) % where.Count]];
            if (fault?.CannotStrike(site) is { } reason)
            {
                _skipped[kind] = reason;
                Console.WriteLine($"{number + 1}/{options.Rounds} {kind}: skipped, {reason}");
                continue;
            }
            var result = fault is null ? await RunTerminalAsync(site, random) : await RunFaultAsync(fault, site, makers[site.Kind], random, cancellation);
            _results.Add(result);
            Console.WriteLine(
                $"{number + 1}/{options.Rounds} {kind} on {site.Kind}: {(result.Fired ? "fired" : "NOT FIRED")}, {result.Acknowledged} acknowledged, {result.Reasked} asked again, "
                + $"{result.Lost} lost, {result.Doubled} doubled, answered again after {result.RecoverySeconds:F2} s");
        }
    }

    private async Task<RoundResult> RunFaultAsync(Fault fault, Site site, DrawMaker maker, Random random, CancellationToken cancellation)
    {
        var (result, draws) = await new Round(site, maker, random, options.Draws).RunAsync(fault, cancellation);
        _draws[site.Kind].AddRange(draws);
        return result;
    }

    private async Task<RoundResult> RunTerminalAsync(Site site, Random random)
    {
        var (result, approved) = await new TerminalRound(site, random).RunAsync();
        _tapped[site.Kind].AddRange(approved);
        return result;
    }

    private static async Task<LedgerReport> CheckAsync(Site site, CancellationToken cancellation)
    {
        var request = new CheckRequest
        {
            PricesFile = Path.Combine(AppContext.BaseDirectory, "eg.json"),
            JournalFiles = File.Exists(Path.Combine(site.TerminalFolder, "terminal.db")) ? [Path.Combine(site.TerminalFolder, "terminal.db")] : [],
        };
        await using var ledger = site.Postgres is { } postgres
            ? await PostgresLedger.OpenAsync(postgres.ConnectionString, cancellation)
            : await SqliteLedger.OpenAsync(site.SqliteFile, cancellation);
        return await LedgerChecker.RunAsync(ledger, request, TimeProvider.System, cancellation);
    }

    private FaultsSummary Summarise(int lost, SortedDictionary<string, LedgerReport> ledgers)
    {
        var recoveries = _results.Select(result => result.RecoverySeconds).ToArray();
        return new FaultsSummary
        {
            Rounds = options.Rounds,
            Seed = options.Seed,
            ByKind = new(_results.GroupBy(result => result.Kind).ToDictionary(own => own.Key, own => own.Count(result => result.Fired)), StringComparer.Ordinal),
            Skipped = _skipped,
            Acknowledged = _results.Sum(result => (long)result.Acknowledged),
            Lost = lost,
            Doubled = _results.Select(result => result.Doubled).DefaultIfEmpty().Max(),
            Reasked = _results.Sum(result => (long)result.Reasked),
            RecoverySecondsP50 = Percentiles.NearestRank(recoveries, 50),
            RecoverySecondsP99 = Percentiles.NearestRank(recoveries, 99),
            RecoverySecondsByKind = new(
                _results.GroupBy(result => result.Kind).ToDictionary(own => own.Key, own => Percentiles.NearestRank([.. own.Select(result => result.RecoverySeconds)], 50)), StringComparer.Ordinal),
            LedgerCheck = new(ledgers.ToDictionary(ledger => ledger.Key, ledger => ledger.Value.Holds ? "held" : "broken"), StringComparer.Ordinal),
            ElapsedMs = (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds,
        };
    }

    private IEnumerable<string> WhatIsWrong(FaultsSummary summary, SortedDictionary<string, LedgerReport> ledgers)
    {
        if (summary.Lost > 0)
            yield return $"{summary.Lost} acknowledged draws were lost";
        if (summary.Doubled > 0)
            yield return $"{summary.Doubled} draws are there more than once";
        foreach (var (database, report) in ledgers)
        {
            foreach (var check in report.BrokenChecks)
                yield return $"the ledger on {database} breaks {check.Name}: {((LedgerCheck.Checks.Finding.Broken)check.Finding).Rows[0]}";
        }
        if (options.Rounds < _rotation.Length)
            yield break;
        foreach (var kind in _rotation.Select(fault => fault?.Kind ?? TerminalRound.Kind).Where(kind => !_skipped.ContainsKey(kind) && summary.ByKind.GetValueOrDefault(kind) == 0))
            yield return $"{kind} never fired";
    }
}
