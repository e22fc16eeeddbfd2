namespace SmartCard.LedgerCheck.Databases;

/// <summary>
/// What stands inside documents, as rows of a query: households' states with the closed periods beside them, and the lines of disbursements. The ledger has views that do the
/// same for reports; the checker reads the documents itself, so that a view that was changed hides nothing from it, and then compares the views with what it read.
/// </summary>
internal static class DocumentRows
{
    /// <summary>By the names that checks give them; columns as in the views of the same names, numbers at their places in the documents.</summary>
    public static readonly IReadOnlyDictionary<string, DocumentQuery> All = new Dictionary<string, DocumentQuery>(StringComparer.Ordinal)
    {
        ["balances"] = new(
            "bucket, household, period, quota, consumed, lent, credited, quota_limit, day, day_consumed",
            (rows, skipped) => $"""
                SELECT h.bucket, h.household, {rows.Number(1, "integer")} AS period, {rows.Number(0, "integer")} AS quota, {rows.Number(2)} AS consumed, {rows.Number(3)} AS lent,
                       {rows.Number(5)} AS credited, {rows.Number(2)} + {rows.Number(3)} + {rows.Number(4)} AS quota_limit, {rows.Number(6, "integer")} AS day, {rows.Number(7)} AS day_consumed
                FROM [households] AS h {rows.Of("h.state", "balances")} WHERE {skipped}
                UNION ALL
                SELECT bucket, household, period, quota, consumed, lent, credited, quota_limit, day, day_consumed FROM [closed_balances]
                """),
        ["allowances"] = new(
            "bucket, card, period, quota, household, granted, settled, script_counter",
            (rows, skipped) => $"""
                SELECT h.bucket, {rows.Number(0)} AS card, {rows.Number(2, "integer")} AS period, {rows.Number(1, "integer")} AS quota, h.household, {rows.Number(3)} AS granted,
                       {rows.Number(3)} - {rows.Number(4)} AS settled, {rows.Number(5)} AS script_counter
                FROM [households] AS h {rows.Of("h.state", "allowances")} WHERE {skipped}
                UNION ALL
                SELECT bucket, card, period, quota, household, granted, settled, script_counter FROM [closed_allowances]
                """),
        ["card_counters"] = new(
            "bucket, card, household, atc, chain_after",
            (rows, skipped) => $"""
                SELECT h.bucket, {rows.Number(0)} AS card, h.household, {rows.Number(1, "integer")} AS atc, ({rows.Number(2)} << 32) | {rows.Number(3)} AS chain_after
                FROM [households] AS h {rows.Of("h.state", "cards")} WHERE {skipped}
                """),
        ["closings"] = new(
            "bucket, household, closed_before",
            (rows, skipped) => $"SELECT h.bucket, h.household, {rows.Property("h.state", "closedBefore")} AS closed_before FROM [households] AS h WHERE {skipped}",
            HasView: false),
        ["disbursement_lines"] = new(
            "bucket, card, atc, programme, household, entry, transaction_id, terminal, merchant, unit, quantity, subsidy_minor, citizen_pays_minor, drawn_on, recorded_on, offline",
            (rows, skipped) => $"""
                SELECT d.bucket, d.card, d.atc, {rows.Number(0, "integer")} AS programme, d.household, d.entry, d.transaction_id, d.terminal, d.merchant,
                       {rows.Number(1, "smallint")} AS unit, {rows.Number(2)} AS quantity, {rows.Number(3)} AS subsidy_minor, {rows.Number(4)} AS citizen_pays_minor,
                       d.drawn_on, d.recorded_on, d.offline
                FROM [disbursements] AS d {rows.Of("d.lines", null)} WHERE {skipped}
                """,
            IsOfHouseholds: false),
    };
}

/// <param name="Columns">In the order in which views and documents are compared.</param>
/// <param name="Sql">The query, from how a database spreads a document and the condition that leaves out the documents that are none.</param>
/// <param name="IsOfHouseholds">Read from households' states, alias h; otherwise from disbursements, alias d.</param>
/// <param name="HasView">The ledger has a view of the same name and columns.</param>
internal sealed record DocumentQuery(string Columns, Func<IDocumentSql, string, string> Sql, bool IsOfHouseholds = true, bool HasView = true);

/// <summary>How a database spreads an array of arrays of numbers.</summary>
internal interface IDocumentSql
{
    /// <summary>What follows the table in a FROM: one row for each inner array, of the document itself or of its <paramref name="part"/>.</summary>
    string Of(string column, string? part);

    /// <summary>The number at a place of the inner array.</summary>
    string Number(int index, string type = "bigint");

    /// <summary>A number that is a property of the document, or null.</summary>
    string Property(string column, string name);
}
