using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Checks;

/// <summary>The database itself must refuse to change or delete what only grows. A table that is not known to be kept up to date counts as one that only grows.</summary>
internal static class GuardCheck
{
    /// <summary>Balances, counters, progress of long work and the framework's own: updated in place, and recomputed by other checks where anything depends on them.</summary>
    private static readonly string[] Updated = ["households", "balances", "allowances", "entry_blocks", "rollovers", "migrations"];

    public static async Task<CheckResult> RunAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        var offending = new OffendingRows(rowsMax);
        foreach (var table in ledger.LedgerTables.Except(Updated, StringComparer.Ordinal))
        {
            var refused = await ledger.VerbsRefusedAsync(table, cancellation);
            foreach (var verb in ledger.VerbsToRefuse.Where(verb => !refused.Contains(verb)))
                offending.Add(("table", table), ("allows", verb));
        }
        return new CheckResult(
            Invariant.DoubleEntry, "only-grows", "The database refuses to update, delete or empty away rows of every table that only grows.", offending.ToFinding());
    }
}
