using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Checks;

/// <summary>The database itself must refuse to change or delete what only grows. A table that is not known to be kept up to date counts as one that only grows.</summary>
internal static class GuardCheck
{
    /// <summary>Households with their balances and counters, progress of long work and the framework's own: updated in place, and recomputed by other checks where anything depends on them.</summary>
    private static readonly string[] Updated = ["households", "closed_balances", "closed_allowances", "entry_blocks", "rollovers", "migrations"];

    /// <summary>What tables refuse to hold, without brackets and blanks: no number of a household's document below zero, no closed one beyond its limit, nothing that moves nothing.</summary>
    private static readonly (string Table, string Condition)[] Conditions =
    [
        ("households", "stateNOTLIKE'%-%'"),
        ("closed_balances", "consumed+lent<=quota_limit"),
        ("closed_balances", "consumed>=0ANDlent>=0ANDcredited>=0ANDday_consumed>=0"),
        ("closed_allowances", "settled>=0ANDsettled<=granted"),
        ("movements", "amount>0"),
    ];

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

    /// <summary>Rows are compared by other checks; this one says that the next row is refused as well.</summary>
    public static async Task<CheckResult> RunConditionsAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        var offending = new OffendingRows(rowsMax);
        foreach (var (table, condition) in Conditions)
        {
            if (!ledger.Has(table) || !(await ledger.ConditionsAsync(table, cancellation)).Contains(condition))
                offending.Add(("table", table), ("misses", condition));
        }
        return new CheckResult(Invariant.Replay, "refuses-unsound", "The database refuses a balance below zero or beyond its limit, and a movement of nothing.", offending.ToFinding());
    }
}
