using Npgsql;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// What a batch needs to know, by prepared statements over arrays of keys: the households' rows in one round trip, and in a second what few requests need
/// besides.
/// </summary>
internal sealed class PostgresLedgerReader : IDisposable
{
    private readonly PostgresLookups _households;
    private readonly PostgresLookups _credits;
    private readonly PostgresLookups _details;

    private PostgresLedgerReader(NpgsqlConnection connection, Func<string, string> table)
    {
        _households = new PostgresLookups(connection);
        _households.Add<long>(Lookup("household, version, state", "households", "own.household = k.a"));

        _credits = new PostgresLookups(connection);
        _credits.Add<Guid>(Lookup("household, credit_id", "credits", "own.credit_id = k.a", a: "uuid"));

        _details = new PostgresLookups(connection);
        _details.Add<long, int>(Lookup("household, " + LedgerRows.BalanceColumns, "closed_balances", "own.household = k.a AND own.period = k.b", b: "integer"));
        _details.Add<long, int>(Lookup("household, " + LedgerRows.AllowanceColumns, "closed_allowances", "own.card = k.a AND own.period = k.b", b: "integer"));
        _details.Add<long, int>($"""
            SELECT d.card, d.atc, {LedgerRows.Of("m", LedgerRows.MovementColumns)}
            FROM ({Lookup("bucket, card, atc, entry", "disbursements", "own.card = k.a AND own.atc = k.b", b: "integer")}) AS d
            CROSS JOIN LATERAL (SELECT * FROM {table("movements")} AS own WHERE own.bucket = d.bucket AND own.entry = d.entry OFFSET 0) AS m ORDER BY m.entry, m.ordinal
            """);
        _details.Add<long, int>($"""
            SELECT d.household, {LedgerRows.Of("d", LedgerRows.OccupantColumns)}, r.entry IS NOT NULL
            FROM ({Lookup("bucket, household, " + LedgerRows.OccupantColumns, "disbursements", "own.card = k.a AND own.atc BETWEEN k.b - 1 AND k.b + 1", b: "integer")}) AS d
            LEFT JOIN LATERAL (SELECT entry FROM {table("reversals")} AS own WHERE own.bucket = d.bucket AND own.card = d.card AND own.atc = d.atc OFFSET 0) AS r ON true
            """);

        // Key by key into the index, whatever the planner takes the tables to be like: a plan is made once, perhaps while they are empty, and one that goes
        // through a table for each batch is not seen to be wrong until the table has grown. OFFSET keeps the planner from turning the loop round.
        string Lookup(string columns, string from, string where, string a = "bigint", string? b = null) =>
            $"""
            SELECT {LedgerRows.Of("o", columns)}
            FROM unnest($1::smallint[], $2::{a}[]{(b is null ? "" : $", $3::{b}[]")}) AS k(bucket, a{(b is null ? "" : ", b")})
            CROSS JOIN LATERAL (SELECT {columns} FROM {table(from)} AS own WHERE own.bucket = k.bucket AND {where} OFFSET 0) AS o
            """;
    }

    public static async Task<PostgresLedgerReader> PrepareAsync(NpgsqlConnection connection, Func<string, string> table, CancellationToken cancellation)
    {
        var reader = new PostgresLedgerReader(connection, table);
        await reader._households.PrepareAsync(cancellation);
        await reader._credits.PrepareAsync(cancellation);
        await reader._details.PrepareAsync(cancellation);
        return reader;
    }

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation)
    {
        var wanted = new LedgerKeySet(keys);
        var states = await ReadHouseholdsAsync(wanted.Households, cancellation);
        if (wanted.Credits.Count > 0)
            await ReadCreditsAsync(wanted.Credits, states, cancellation);
        var details = wanted.DetailsOf(states);
        if (!details.IsEmpty)
            await ReadDetailsAsync(details, states, cancellation);
        return states;
    }

    public void Dispose()
    {
        _households.Dispose();
        _credits.Dispose();
        _details.Dispose();
    }

    private async Task<Dictionary<HouseholdId, HouseholdState>> ReadHouseholdsAsync(IReadOnlyCollection<HouseholdId> households, CancellationToken cancellation)
    {
        var states = new Dictionary<HouseholdId, HouseholdState>(households.Count);
        _households.Fill(0, households, household => household.Bucket, household => household.Value);
        await using var reader = await _households.ExecuteAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var state = new HouseholdState(new HouseholdId(reader.GetInt64(0)), reader.GetInt64(1));
            HouseholdDocument.Decode(reader.GetString(2), state);
            states.Add(state.Household, state);
        }
        foreach (var household in households)
            states.TryAdd(household, new HouseholdState(household, version: 0));
        return states;
    }

    private async Task ReadCreditsAsync(IReadOnlyCollection<(short Bucket, Guid Id)> credits, Dictionary<HouseholdId, HouseholdState> states, CancellationToken cancellation)
    {
        _credits.Fill(0, credits, credit => credit.Bucket, credit => credit.Id);
        await using var reader = await _credits.ExecuteAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader, states).ReadCredit(reader.GetGuid(1));
    }

    private async Task ReadDetailsAsync(LedgerDetails details, Dictionary<HouseholdId, HouseholdState> states, CancellationToken cancellation)
    {
        _details.Fill(0, details.Balances, key => key.Household.Bucket, key => key.Household.Value, key => key.Period.Value);
        _details.Fill(1, details.Allowances, key => key.Bucket, key => (long)key.Card.Value, key => key.Period.Value);
        _details.Fill(2, details.Movements, key => key.Bucket, key => (long)key.Card.Value, key => key.Atc);
        _details.Fill(3, details.Occupants, key => key.Bucket, key => (long)key.Card.Value, key => key.Atc);
        await using var reader = await _details.ExecuteAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader, states).Read(LedgerRows.BalanceAt(reader, 1));
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader, states).Read(LedgerRows.AllowanceAt(reader, 1));

        var movements = new List<((CardNumber, ushort) Key, Movement Movement)>();
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            movements.Add(((LedgerRows.CardOf(reader.GetInt64(0)), (ushort)reader.GetInt32(1)), LedgerRows.MovementAt(reader, 2)));
        var byKey = movements.ToLookup(row => row.Key, row => row.Movement);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var occupant = LedgerRows.OccupantAt(reader, 1);
            StateOf(reader, states).Read(occupant with { Movements = [.. byKey[(occupant.Card, occupant.Atc.Value)]] });
        }
    }

    private static HouseholdState StateOf(NpgsqlDataReader row, Dictionary<HouseholdId, HouseholdState> states) => states.TryGetValue(new HouseholdId(row.GetInt64(0)), out var state)
        ? state
        : throw new LedgerInvariantException("a card never changes its household");
}
