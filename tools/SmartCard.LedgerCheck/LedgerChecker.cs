using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Evidence;
using SmartCard.LedgerCheck.Journals;
using SmartCard.LedgerCheck.Reports;

namespace SmartCard.LedgerCheck;

/// <summary>What is to be checked, and how much of what is wrong is to be shown.</summary>
internal sealed record CheckRequest
{
    public const int RowsDefault = 20;

    /// <summary>Offending rows shown of each check; all are counted.</summary>
    public int RowsMax { get; init; } = RowsDefault;

    /// <summary>A country profile with the published prices; null where none is to be compared.</summary>
    public string? PricesFile { get; init; }

    /// <summary>Terminals' database files.</summary>
    public IReadOnlyList<string> JournalFiles { get; init; } = [];
}

/// <summary>Every promise of the ledger, recomputed from one snapshot.</summary>
internal static class LedgerChecker
{
    private static readonly IReadOnlyList<SqlCheck> Queries =
        [.. EntryChecks.All, .. DisbursementChecks.All, .. RefundChecks.All, .. ReplayChecks.All, .. CounterChecks.All, .. ReconciliationChecks.All];

    /// <exception cref="UnreadableLedgerException">A price list or a journal cannot be read.</exception>
    public static async Task<LedgerReport> RunAsync(LedgerDatabase ledger, CheckRequest request, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var prices = request.PricesFile is { } file ? await PriceList.ReadAsync(file, cancellation) : null;
        // Before any SQL asks for what stands inside documents: these two find the documents that are none.
        var documents = await DocumentScan.RunAsync(ledger, request.RowsMax, cancellation);
        var evidence = await EvidenceScan.RunAsync(ledger, prices, request.RowsMax, cancellation);
        var results = new List<CheckResult>
        {
            await GuardCheck.RunAsync(ledger, request.RowsMax, cancellation), await GuardCheck.RunConditionsAsync(ledger, request.RowsMax, cancellation),
            documents, await ViewCheck.RunAsync(ledger, request.RowsMax, cancellation),
        };
        foreach (var query in Queries)
            results.Add(await query.RunAsync(ledger, request.RowsMax, cancellation));
        results.AddRange(evidence);
        results.Add(await CapScan.RunAsync(ledger, prices, request.RowsMax, cancellation));
        results.Add(new CheckResult(Invariant.Settlement, "settlement-lines", Invariant.Settlement.Promise, new Finding.NotApplicable("settlements do not exist in this schema yet")));
        results.AddRange(await JournalChecks.RunAsync(ledger, request.JournalFiles, request.RowsMax, cancellation));

        long rows = 0;
        foreach (var table in ledger.LedgerTables)
            rows += await ledger.CountAsync($"SELECT count(*) FROM [{table}]", cancellation);
        return new LedgerReport(
            ledger.Kind,
            [.. Invariant.All.Select(invariant => new InvariantReport(invariant, [.. results.Where(result => result.Invariant == invariant)]))],
            rows, (long)time.GetElapsedTime(began).TotalMilliseconds);
    }
}
