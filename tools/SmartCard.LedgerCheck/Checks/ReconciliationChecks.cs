namespace SmartCard.LedgerCheck.Checks;

/// <summary>Promise 9. Only a date's latest run has totals; lines may have come since, and one minute around a run is given either way, for a run locks nothing.</summary>
internal static class ReconciliationChecks
{
    private const string LatestRuns = "SELECT r.* FROM [reconciliation.runs] AS r JOIN [reconciliation.dates] AS d ON d.run_id = r.run_id";

    /// <summary>A date as yyyymmdd, whether it is kept as a date or as text.</summary>
    private const string BusinessDate = "CAST(replace(CAST(r.business_date AS text), '-', '') AS integer)";

    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.Reconciliation, "run-adds-up", "Every line of a run is in one class.", """
            SELECT run_id, recorded, claimed, matched, late, missing_at_merchant, missing_at_ministry, amount_differs, duplicate FROM [reconciliation.runs]
            WHERE recorded <> matched + late + missing_at_merchant + amount_differs OR claimed <> matched + late + missing_at_ministry + amount_differs + duplicate
            """),
        new(Invariant.Reconciliation, "run-terminals", "A date's latest run is the sum of its terminals' totals.", $"""
            SELECT r.run_id, r.recorded, t.recorded AS of_terminals, r.claimed, t.claimed AS claimed_of_terminals, r.recorded_subsidy_minor, t.recorded_subsidy_minor AS subsidy_of_terminals
            FROM ({LatestRuns}) AS r LEFT JOIN (
                SELECT run_id, CAST(sum(recorded) AS bigint) AS recorded, CAST(sum(claimed) AS bigint) AS claimed, CAST(sum(matched) AS bigint) AS matched,
                       CAST(sum(recorded_subsidy_minor) AS bigint) AS recorded_subsidy_minor, CAST(sum(claimed_citizen_paid_minor) AS bigint) AS claimed_citizen_paid_minor
                FROM [reconciliation.terminal_totals] GROUP BY run_id) AS t ON t.run_id = r.run_id
            WHERE r.recorded <> coalesce(t.recorded, 0) OR r.claimed <> coalesce(t.claimed, 0) OR r.matched <> coalesce(t.matched, 0)
               OR r.recorded_subsidy_minor <> coalesce(t.recorded_subsidy_minor, 0) OR r.claimed_citizen_paid_minor <> coalesce(t.claimed_citizen_paid_minor, 0)
            """),
        new(Invariant.Reconciliation, "run-breaks", "A date's latest run has a break for each difference that it counts.", $"""
            SELECT r.run_id, r.missing_at_merchant + r.missing_at_ministry + r.amount_differs + r.duplicate + r.late AS counted, coalesce(b.breaks, 0) AS breaks
            FROM ({LatestRuns}) AS r LEFT JOIN (
                SELECT run_id, count(*) AS breaks, sum(CASE kind WHEN 1 THEN 1 ELSE 0 END) AS missing_at_merchant, sum(CASE kind WHEN 2 THEN 1 ELSE 0 END) AS missing_at_ministry,
                       sum(CASE kind WHEN 3 THEN 1 ELSE 0 END) AS amount_differs, sum(CASE kind WHEN 4 THEN 1 ELSE 0 END) AS duplicate, sum(CASE kind WHEN 5 THEN 1 ELSE 0 END) AS late
                FROM [reconciliation.breaks] GROUP BY run_id) AS b ON b.run_id = r.run_id
            WHERE r.missing_at_merchant <> coalesce(b.missing_at_merchant, 0) OR r.missing_at_ministry <> coalesce(b.missing_at_ministry, 0)
               OR r.amount_differs <> coalesce(b.amount_differs, 0) OR r.duplicate <> coalesce(b.duplicate, 0) OR r.late <> coalesce(b.late, 0)
            """),
        new(Invariant.Reconciliation, "run-lines", "What a date's latest run recorded are the ledger's lines of that date, as they stood when it ran.", $"""
            SELECT run_id, business_date, recorded, certain, possible FROM (
                SELECT r.run_id, {BusinessDate} AS business_date, r.recorded,
                       CAST(coalesce(sum(CASE WHEN l.recorded_at <= r.ran_at - 60000 AND (l.reversed_at IS NULL OR l.reversed_at > r.ran_at) THEN 1 ELSE 0 END), 0) AS bigint) AS certain,
                       CAST(coalesce(sum(CASE WHEN l.recorded_at <= r.ran_at AND (l.reversed_at IS NULL OR l.reversed_at > r.ran_at - 60000) THEN 1 ELSE 0 END), 0) AS bigint) AS possible
                FROM ({LatestRuns}) AS r LEFT JOIN (
                    SELECT o.drawn_on, d.recorded_at, v.reversed_at
                    FROM [disbursement_lines] AS o JOIN [disbursements] AS d ON d.bucket = o.bucket AND d.card = o.card AND d.atc = o.atc
                    LEFT JOIN [reversals] AS v ON v.bucket = o.bucket AND v.card = o.card AND v.atc = o.atc) AS l ON l.drawn_on = {BusinessDate}
                GROUP BY r.run_id, {BusinessDate}, r.recorded) AS compared
            WHERE recorded < certain OR recorded > possible
            """),
    ];
}
