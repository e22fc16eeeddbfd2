using Npgsql;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>What a batch needs to know, as one round trip of prepared statements over arrays of keys.</summary>
internal sealed class PostgresLedgerReader : IDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly bool _withCorrections;
    private readonly NpgsqlParameter<short[]>[] _buckets = new NpgsqlParameter<short[]>[StatementCount];

    private const int Versions = 0;
    private const int Balances = 1;
    private const int Occupants = 2;
    private const int Allowances = 3;
    private const int Movements = 4;
    private const int Credits = 5;
    private const int StatementCount = 6;

    private readonly NpgsqlParameter<long[]>[] _owners = new NpgsqlParameter<long[]>[StatementCount];
    private readonly NpgsqlParameter<int[]> _periods = new() { TypedValue = [] };
    private readonly NpgsqlParameter<int[]> _atcs = new() { TypedValue = [] };
    private readonly NpgsqlParameter<int[]> _allowancePeriods = new() { TypedValue = [] };
    private readonly NpgsqlParameter<int[]> _movementAtcs = new() { TypedValue = [] };
    private readonly NpgsqlParameter<Guid[]> _creditIds = new() { TypedValue = [] };

    private PostgresLedgerReader(bool withCorrections, NpgsqlConnection connection, Func<string, string> table)
    {
        _withCorrections = withCorrections;
        _batch = new NpgsqlBatch(connection);
        Add(Versions, Lookup("household, version", "households", "own.household = k.owner"));
        Add(
            Balances,
            Lookup("household, quota, period, consumed, lent, credited, quota_limit, day, day_consumed", "balances", "own.household = k.owner AND own.period = k.second", second: true),
            _periods);
        Add(
            Occupants,
            $"""
            SELECT d.household, d.card, d.atc, d.status, d.entry, d.content_hash, d.chain_before, d.chain_after, d.outcome, r.entry IS NOT NULL
            FROM ({Lookup(
                "household, card, atc, status, entry, content_hash, chain_before, chain_after, outcome, bucket", "disbursements",
                "own.card = k.owner AND own.atc BETWEEN k.second - 1 AND k.second + 1", second: true)}) AS d
            LEFT JOIN LATERAL (SELECT entry FROM {table("reversals")} AS own WHERE own.bucket = d.bucket AND own.card = d.card AND own.atc = d.atc OFFSET 0) AS r ON true
            """,
            _atcs);
        Add(
            Allowances,
            Lookup("household, card, quota, period, granted, settled, script_counter", "allowances", "own.card = k.owner AND own.period = k.second", second: true),
            _allowancePeriods);
        if (!withCorrections)
            return;
        Add(
            Movements,
            $"""
            SELECT d.card, d.atc, m.entry, m.ordinal, m.undoes, m.debit_kind, m.debit_owner, m.credit_kind, m.credit_owner, m.quota, m.period, m.unit, m.amount
            FROM ({Lookup("bucket, card, atc, entry", "disbursements", "own.card = k.owner AND own.atc = k.second", second: true)}) AS d
            CROSS JOIN LATERAL (SELECT * FROM {table("movements")} AS own WHERE own.bucket = d.bucket AND own.entry = d.entry OFFSET 0) AS m ORDER BY m.entry, m.ordinal
            """,
            _movementAtcs);
        Add(
            Credits,
            $"""
            SELECT c.household, c.credit_id FROM unnest($1::smallint[], $2::uuid[]) AS k(bucket, credit_id)
            CROSS JOIN LATERAL (SELECT household, credit_id FROM {table("credits")} AS own WHERE own.bucket = k.bucket AND own.credit_id = k.credit_id OFFSET 0) AS c
            """,
            _creditIds);

        // Key by key into the index, whatever the planner takes the tables to be like: a plan is made once, perhaps while they are empty, and one that goes
        // through a table for each batch is not seen to be wrong until the table has grown. OFFSET keeps the planner from turning the loop round.
        string Lookup(string columns, string from, string where, bool second = false) =>
            $"""
            SELECT {string.Join(", ", columns.Split(", ").Select(column => "o." + column))}
            FROM unnest($1::smallint[], $2::bigint[]{(second ? ", $3::integer[]" : "")}) AS k(bucket, owner{(second ? ", second" : "")})
            CROSS JOIN LATERAL (SELECT {columns} FROM {table(from)} AS own WHERE own.bucket = k.bucket AND {where} OFFSET 0) AS o
            """;
    }

    /// <param name="withCorrections">Also what reversals, refunds and credits ask; a statement without keys would still cost its share of the round trip.</param>
    public static async Task<PostgresLedgerReader> PrepareAsync(bool withCorrections, NpgsqlConnection connection, Func<string, string> table, CancellationToken cancellation)
    {
        var reader = new PostgresLedgerReader(withCorrections, connection, table);
        await reader._batch.PrepareAsync(cancellation);
        return reader;
    }

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation)
    {
        Fill(new LedgerKeySet(keys));
        await using var reader = await _batch.ExecuteReaderAsync(cancellation);
        var states = new Dictionary<HouseholdId, HouseholdState>(keys.Count);
        while (await reader.ReadAsync(cancellation))
            states.Add(new HouseholdId(reader.GetInt64(0)), new HouseholdState(new HouseholdId(reader.GetInt64(0)), reader.GetInt64(1)));
        foreach (var key in keys)
            states.TryAdd(key.Household, new HouseholdState(key.Household, version: 0));

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader).Read(LedgerRows.BalanceAt(reader, 1));
        var occupants = await ReadOccupantsAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader).Read(LedgerRows.AllowanceAt(reader, 1));
        if (!_withCorrections)
        {
            foreach (var (household, occupant) in occupants)
                states[household].Read(occupant);
            return states;
        }

        var movements = await ReadMovementsAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            StateOf(reader).ReadCredit(reader.GetGuid(1));
        foreach (var (household, occupant) in occupants)
            states[household].Read(occupant with { Movements = [.. movements[(occupant.Card, occupant.Atc.Value)]] });
        return states;

        HouseholdState StateOf(NpgsqlDataReader row) => states.TryGetValue(new HouseholdId(row.GetInt64(0)), out var state)
            ? state
            : throw new LedgerInvariantException("a card never changes its household");
    }

    public void Dispose() => _batch.Dispose();

    private static async Task<List<(HouseholdId Household, Occupant Occupant)>> ReadOccupantsAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var occupants = new List<(HouseholdId, Occupant)>();
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            occupants.Add((new HouseholdId(reader.GetInt64(0)), LedgerRows.OccupantAt(reader, 1)));
        return occupants;
    }

    private static async Task<ILookup<(CardNumber, ushort), Movement>> ReadMovementsAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var movements = new List<((CardNumber, ushort) Key, Movement Movement)>();
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            movements.Add(((LedgerRows.CardOf(reader.GetInt64(0)), (ushort)reader.GetInt32(1)), LedgerRows.MovementAt(reader, 2)));
        return movements.ToLookup(row => row.Key, row => row.Movement);
    }

    private void Add(int index, string sql, NpgsqlParameter? third = null)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(_buckets[index] = new NpgsqlParameter<short[]> { TypedValue = [] });
        if (index != Credits)
            command.Parameters.Add(_owners[index] = new NpgsqlParameter<long[]> { TypedValue = [] });
        if (third is not null)
            command.Parameters.Add(third);
        _batch.BatchCommands.Add(command);
    }

    private void Fill(LedgerKeySet wanted)
    {
        Fill(Versions, wanted.Households, key => key.Value);
        FillPairs(Balances, wanted.Balances, key => key.Household.Value, key => key.Period.Value, _periods, key => key.Household.Bucket);
        FillPairs(Occupants, wanted.Occupants, key => (long)key.Card.Value, key => key.Atc, _atcs, key => key.Bucket);
        FillPairs(Allowances, wanted.Allowances, key => (long)key.Card.Value, key => key.Period.Value, _allowancePeriods, key => key.Bucket);
        if (!_withCorrections)
            return;
        FillPairs(Movements, wanted.Movements, key => (long)key.Card.Value, key => key.Atc, _movementAtcs, key => key.Bucket);
        _buckets[Credits].TypedValue = [.. wanted.Credits.Select(credit => credit.Bucket)];
        _creditIds.TypedValue = [.. wanted.Credits.Select(credit => credit.Id)];
    }

    private void Fill(int index, IReadOnlyCollection<HouseholdId> households, Func<HouseholdId, long> owner)
    {
        _buckets[index].TypedValue = [.. households.Select(household => household.Bucket)];
        _owners[index].TypedValue = [.. households.Select(owner)];
    }

    private void FillPairs<TKey>(
        int index, IReadOnlyCollection<TKey> keys, Func<TKey, long> owner, Func<TKey, int> second, NpgsqlParameter<int[]> parameter, Func<TKey, short> bucket)
    {
        _buckets[index].TypedValue = [.. keys.Select(bucket)];
        _owners[index].TypedValue = [.. keys.Select(owner)];
        parameter.TypedValue = [.. keys.Select(second)];
    }
}
