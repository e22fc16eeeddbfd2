using System.Data.Common;
using Microsoft.Data.Sqlite;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>What a batch needs to know, by prepared look-ups inside one snapshot: the database is in this process, a look-up costs microseconds.</summary>
internal sealed class SqliteLedgerReader(SqliteConnection connection, SqliteTransaction snapshot, Func<string, string> table)
{
    private readonly Dictionary<HouseholdId, HouseholdState> _states = [];

    public IReadOnlyDictionary<HouseholdId, HouseholdState> Read(LedgerKeySet keys)
    {
        ReadHouseholds(keys.Households);
        Look(
            $"SELECT household, credit_id FROM {table("credits")} WHERE bucket = @a AND credit_id = @b",
            keys.Credits,
            key => (key.Bucket, key.Id, null),
            row => StateOf(row).ReadCredit(row.GetGuid(1)));
        var details = keys.DetailsOf(_states);
        Look(
            $"SELECT household, {LedgerRows.BalanceColumns} FROM {table("closed_balances")} WHERE bucket = @a AND household = @b AND period = @c",
            details.Balances,
            key => (key.Household.Bucket, key.Household.Value, key.Period.Value),
            row => StateOf(row).Read(LedgerRows.BalanceAt(row, 1)));
        Look(
            $"SELECT household, {LedgerRows.AllowanceColumns} FROM {table("closed_allowances")} WHERE bucket = @a AND card = @b AND period = @c",
            details.Allowances,
            key => (key.Bucket, (long)key.Card.Value, key.Period.Value),
            row => StateOf(row).Read(LedgerRows.AllowanceAt(row, 1)));
        ReadOccupants(details);
        return _states;
    }

    private void ReadHouseholds(IReadOnlyCollection<HouseholdId> households)
    {
        foreach (var household in households)
            _states.Add(household, new HouseholdState(household, version: 0));
        Look(
            $"SELECT household, version, state FROM {table("households")} WHERE bucket = @a AND household = @b",
            households,
            household => (household.Bucket, household.Value, null),
            row =>
            {
                var state = new HouseholdState(new HouseholdId(row.GetInt64(0)), row.GetInt64(1));
                HouseholdDocument.Decode(row.GetString(2), state);
                _states[state.Household] = state;
            });
    }

    private void ReadOccupants(LedgerDetails details)
    {
        var movements = new List<((CardNumber, int) Key, Movement Movement)>();
        Look(
            $"""
            SELECT d.card, d.atc, {LedgerRows.Of("m", LedgerRows.MovementColumns)}
            FROM {table("disbursements")} AS d JOIN {table("movements")} AS m ON m.bucket = d.bucket AND m.entry = d.entry
            WHERE d.bucket = @a AND d.card = @b AND d.atc = @c ORDER BY m.ordinal
            """,
            details.Movements,
            key => (key.Bucket, (long)key.Card.Value, key.Atc),
            row => movements.Add(((LedgerRows.CardOf(row.GetInt64(0)), row.GetInt32(1)), LedgerRows.MovementAt(row, 2))));
        var byKey = movements.ToLookup(row => row.Key, row => row.Movement);
        Look(
            $"""
            SELECT d.household, {LedgerRows.Of("d", LedgerRows.OccupantColumns)}, r.entry IS NOT NULL
            FROM {table("disbursements")} AS d LEFT JOIN {table("reversals")} AS r ON r.bucket = d.bucket AND r.card = d.card AND r.atc = d.atc
            WHERE d.bucket = @a AND d.card = @b AND d.atc BETWEEN @c - 1 AND @c + 1
            """,
            details.Occupants,
            key => (key.Bucket, (long)key.Card.Value, key.Atc),
            row =>
            {
                var occupant = LedgerRows.OccupantAt(row, 1);
                StateOf(row).Read(occupant with { Movements = [.. byKey[(occupant.Card, occupant.Atc.Value)]] });
            });
    }

    private void Look<TKey>(string sql, IReadOnlyCollection<TKey> keys, Func<TKey, (object A, object B, object? C)> valuesOf, Action<DbDataReader> read)
    {
        if (keys.Count == 0)
            return;
        using var command = connection.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = sql;
        var (a, b, c) = (command.Parameters.Add("@a", SqliteType.Integer), command.Parameters.Add(new SqliteParameter { ParameterName = "@b" }), command.Parameters.Add("@c", SqliteType.Integer));
        foreach (var key in keys)
        {
            var values = valuesOf(key);
            (a.Value, b.Value, c.Value) = (values.A, values.B, values.C ?? DBNull.Value);
            using var reader = command.ExecuteReader();
            while (reader.Read())
                read(reader);
        }
    }

    private HouseholdState StateOf(DbDataReader row) => _states.TryGetValue(new HouseholdId(row.GetInt64(0)), out var state)
        ? state
        : throw new LedgerInvariantException("a card never changes its household");
}
