using SmartCard.LedgerCheck.Checks;

namespace SmartCard.LedgerCheck.Reports;

internal enum Verdict
{
    Held,
    Broken,
    NotApplicable,
}

/// <summary>One invariant and its checks: broken where one is, held where one was made, else not applicable.</summary>
internal sealed record InvariantReport(Invariant Invariant, IReadOnlyList<CheckResult> Checks)
{
    public Verdict Verdict =>
        Checks.Any(check => check.Finding is Finding.Broken) ? Verdict.Broken
        : Checks.Any(check => check.Finding is Finding.Held) ? Verdict.Held
        : Verdict.NotApplicable;
}

/// <summary>What one look at one database came to.</summary>
/// <param name="Database">"sqlite" or "postgres".</param>
/// <param name="Rows">Rows of the ledger's tables in the snapshot.</param>
internal sealed record LedgerReport(string Database, IReadOnlyList<InvariantReport> Invariants, long Rows, long ElapsedMs)
{
    public bool Holds => Count(Verdict.Broken) == 0;

    public IReadOnlyList<CheckResult> BrokenChecks => [.. Invariants.SelectMany(invariant => invariant.Checks).Where(check => check.Finding is Finding.Broken)];

    public int Count(Verdict verdict) => Invariants.Count(invariant => invariant.Verdict == verdict);
}
