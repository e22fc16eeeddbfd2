using System.Text.Json;

namespace SmartCard.Simulate.Stores;

/// <summary>The ledger's views over rows in memory: what the real databases spread out in SQL, read here by other means.</summary>
internal static class MemoryViews
{
    private static readonly string[] BalanceColumns = ["bucket", "household", "period", "quota", "consumed", "lent", "credited", "quota_limit", "day", "day_consumed"];
    private static readonly string[] AllowanceColumns = ["bucket", "card", "period", "quota", "household", "granted", "settled", "script_counter"];
    private static readonly string[] CounterColumns = ["bucket", "card", "household", "atc", "chain_after"];
    private static readonly string[] LineColumns =
        ["bucket", "card", "atc", "programme", "household", "entry", "transaction_id", "terminal", "merchant", "unit", "quantity", "subsidy_minor", "citizen_pays_minor", "drawn_on", "recorded_on", "offline"];

    public static IEnumerable<LedgerRow> Balances(IEnumerable<LedgerRow> households, IEnumerable<LedgerRow> closed) =>
        Spread(households, "balances", BalanceColumns, (row, of) => [row["bucket"], row["household"], of[1], of[0], of[2], of[3], of[5], of[2] + of[3] + of[4], of[6], of[7]]).Concat(closed);

    public static IEnumerable<LedgerRow> Allowances(IEnumerable<LedgerRow> households, IEnumerable<LedgerRow> closed) =>
        Spread(households, "allowances", AllowanceColumns, (row, of) => [row["bucket"], of[0], of[2], of[1], row["household"], of[3], of[3] - of[4], of[5]]).Concat(closed);

    public static IEnumerable<LedgerRow> Counters(IEnumerable<LedgerRow> households) =>
        Spread(households, "cards", CounterColumns, (row, of) => [row["bucket"], of[0], row["household"], of[1], (of[2] << 32) | of[3]]);

    public static IEnumerable<LedgerRow> Lines(IEnumerable<LedgerRow> disbursements) =>
        from row in disbursements
        from of in RowsIn(JsonDocument.Parse(row.Text("lines")).RootElement)
        select RowOf(
            LineColumns,
            [
                row["bucket"], row["card"], row["atc"], of[0], row["household"], row["entry"], row["transaction_id"], row["terminal"], row["merchant"], of[1], of[2], of[3], of[4],
                row["drawn_on"], row["recorded_on"], row["offline"],
            ]);

    private static IEnumerable<LedgerRow> Spread(IEnumerable<LedgerRow> households, string part, string[] columns, Func<LedgerRow, long[], object?[]> valuesOf) =>
        from row in households
        from of in RowsIn(JsonDocument.Parse(row.Text("state")).RootElement.GetProperty(part))
        select RowOf(columns, valuesOf(row, of));

    private static IEnumerable<long[]> RowsIn(JsonElement list) => list.EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetInt64()).ToArray());

    private static LedgerRow RowOf(string[] columns, object?[] values) => new(columns.Select((column, index) => (column, index)).ToDictionary(), values);
}
