namespace SmartCard.Backend.Disbursements.Tables;

/// <summary>
/// What stands inside rows, as rows: for reports, auditors and everybody else who asks in SQL. A draw writes a household's balances, allowances and counters, and
/// a disbursement's lines, within one row each; who reads them finds the columns here, whatever period is open or closed.
/// </summary>
internal static class LedgerViews
{
    public static IEnumerable<string> Statements(Func<string, string> nameOf, bool isSqlite)
    {
        var (households, disbursements) = (nameOf("households"), nameOf("disbursements"));

        yield return $"""
            CREATE VIEW {nameOf("balances")} AS
            SELECT h.bucket, h.household, {Number(1, "integer")} AS period, {Number(0, "integer")} AS quota, {Number(2)} AS consumed, {Number(3)} AS lent, {Number(5)} AS credited,
                   {Number(2)} + {Number(3)} + {Number(4)} AS quota_limit, {Number(6, "integer")} AS day, {Number(7)} AS day_consumed
            FROM {households} AS h {Rows("h.state", "balances")}
            UNION ALL
            SELECT bucket, household, period, quota, consumed, lent, credited, quota_limit, day, day_consumed FROM {nameOf("closed_balances")}
            """;
        yield return $"""
            CREATE VIEW {nameOf("allowances")} AS
            SELECT h.bucket, {Number(0)} AS card, {Number(2, "integer")} AS period, {Number(1, "integer")} AS quota, h.household, {Number(3)} AS granted,
                   {Number(3)} - {Number(4)} AS settled, {Number(5)} AS script_counter
            FROM {households} AS h {Rows("h.state", "allowances")}
            UNION ALL
            SELECT bucket, card, period, quota, household, granted, settled, script_counter FROM {nameOf("closed_allowances")}
            """;
        yield return $"""
            CREATE VIEW {nameOf("card_counters")} AS
            SELECT h.bucket, {Number(0)} AS card, h.household, {Number(1, "integer")} AS atc, ({Number(2)} << 32) | {Number(3)} AS chain_after
            FROM {households} AS h {Rows("h.state", "cards")}
            """;
        yield return $"""
            CREATE VIEW {nameOf("disbursement_lines")} AS
            SELECT d.bucket, d.card, d.atc, {Number(0, "integer")} AS programme, d.household, d.entry, d.transaction_id, d.terminal, d.merchant, {Number(1, "smallint")} AS unit,
                   {Number(2)} AS quantity, {Number(3)} AS subsidy_minor, {Number(4)} AS citizen_pays_minor, d.drawn_on, d.recorded_on, d.offline
            FROM {disbursements} AS d {Rows("d.lines")}
            """;

        string Rows(string column, string? part = null) => isSqlite
            ? $"CROSS JOIN json_each({column}{(part is null ? "" : $", '$.{part}'")}) AS item"
            : $"CROSS JOIN LATERAL json_array_elements({column}::json{(part is null ? "" : $" -> '{part}'")}) AS item(value)";

        string Number(int index, string type = "bigint") => isSqlite ? $"CAST(item.value ->> {index} AS INTEGER)" : $"(item.value ->> {index})::{type}";
    }
}
