using System.Data;
using System.Data.Common;
using System.Text;
using Npgsql;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Batches;

internal sealed class PostgresLedgerStore(IDbConnectionFactory database) : ILedgerStore
{
    public int ShardsMax => int.MaxValue;

    public ILedgerConnection Open() => new PostgresLedgerConnection(database);

    public Task<long> TakeEntriesAsync(int count, CancellationToken cancellation) => EntryBlockTable.TakeAsync(database, count, cancellation);
}

/// <summary>
/// One statement a batch, over arrays: the first part raises the versions of the households that are where they were read, all other parts join
/// with those, so that a household is written whole or not at all. A single statement is a transaction of its own: one round trip.
/// </summary>
internal sealed class PostgresLedgerConnection(IDbConnectionFactory database) : ILedgerConnection
{
    // Plans are made once, without knowing how long the arrays are or how large the tables will be, so the two sessions say which way
    // never degrades: a write joins arrays with arrays (by hash), a read looks keys up in indexes (in a loop).
    private readonly PostgresSession _writing = new(database, "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_nestloop = off; SET enable_mergejoin = off");
    private readonly PostgresSession _reading = new(database, "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
    private NpgsqlCommand? _write;
    private PostgresLedgerReader? _reader;

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation)
    {
        var complete = false;
        try
        {
            if (await _reading.ConnectAsync(cancellation) || _reader is null)
            {
                _reader?.Dispose();
                _reader = await PostgresLedgerReader.PrepareAsync(_reading.Connection, Table, cancellation);
            }
            var states = await _reader.ReadAsync(keys, cancellation);
            await new GoodsReader(_reading.Connection, snapshot: null, Table).ReadAsync(keys, states, cancellation);
            complete = true;
            return states;
        }
        finally
        {
            if (!complete)
                await _reading.DisposeAsync();
        }
    }

    public async Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation)
    {
        var complete = false;
        try
        {
            if (await _writing.ConnectAsync(cancellation) || _write is null)
            {
                if (_write is not null)
                    await _write.DisposeAsync();
                _write = await PrepareWriteAsync(_writing.Connection, cancellation);
            }
            Fill(_write.Parameters, batch);
            var written = new HashSet<HouseholdId>(batch.Households.Count);
            await using (var reader = await _write.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                    written.Add(new HouseholdId(reader.GetInt64(0)));
            }
            complete = true;
            return written;
        }
        finally
        {
            // Whatever went wrong, this connection is not asked again: the next batch gets a new one and reads first.
            if (!complete)
                await _writing.DisposeAsync();
        }
    }

    public WriteFailure Classify(DbException failure) => failure switch
    {
        // 23505: somebody wrote a key past the version's turn; reading again shows who.
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => WriteFailure.ReadAgain,
        PostgresException { IsTransient: false } database when database.SqlState is [('2' or 'P'), ..] => WriteFailure.Poisoned,
        _ => WriteFailure.ReadAgain,
    };

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        if (_write is not null)
            await _write.DisposeAsync();
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private string Table(string table) => database.Table(DisbursementsDbContext.SchemaName, table);

    private async Task<NpgsqlCommand> PrepareWriteAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(WriteStatement(), connection);
        AddArrays(LedgerColumns.Households);
        AddArrays(LedgerColumns.Balances);
        AddArrays(LedgerColumns.Allowances);
        AddArrays(LedgerColumns.Disbursements);
        AddArrays(LedgerColumns.Lines);
        AddArrays(LedgerColumns.Movements);
        AddArrays(LedgerColumns.Lendings);
        AddArrays(LedgerColumns.Reversals);
        AddArrays(LedgerColumns.Credits);
        AddArrays(LedgerColumns.Refunds);
        AddArrays(LedgerColumns.RefundLines);
        AddArrays(LedgerColumns.Expiries);
        AddArrays(LedgerColumns.FraudCases);
        AddArrays(LedgerColumns.FraudCases);
        AddArrays(LedgerColumns.RefusedRecords);
        await command.PrepareAsync(cancellation);
        return command;

        void AddArrays<TRow>(TableColumns<TRow> table)
        {
            foreach (var parameter in table.CreateArrays())
                command.Parameters.Add(parameter);
        }
    }

    private string WriteStatement()
    {
        var sql = new StringBuilder();
        var next = 1;
        var gate = LedgerColumns.Households;
        sql.Append($"""
            WITH gate AS (
              INSERT INTO {Table(gate.Table)} AS h ({gate.Names}) SELECT {gate.Names} FROM {gate.Unnest(next)} ORDER BY bucket, household
              ON CONFLICT (bucket, household) DO UPDATE SET version = excluded.version WHERE h.version = excluded.version - 1
              RETURNING h.bucket, h.household)
            """);
        next += gate.Columns.Count;
        AppendUpsert(LedgerColumns.Balances);
        AppendUpsert(LedgerColumns.Allowances);
        AppendInsert(LedgerColumns.Disbursements);
        AppendInsert(LedgerColumns.Lines);
        AppendInsert(LedgerColumns.Movements);
        AppendInsert(LedgerColumns.Lendings);
        AppendInsert(LedgerColumns.Reversals);
        AppendInsert(LedgerColumns.Credits);
        AppendInsert(LedgerColumns.Refunds);
        AppendInsert(LedgerColumns.RefundLines);
        AppendInsert(LedgerColumns.Expiries);
        Append("case", LedgerColumns.FraudCases, Gate, "ON CONFLICT DO NOTHING");
        Append("loose_case", LedgerColumns.FraudCases, string.Empty, "ON CONFLICT DO NOTHING");
        Append("refusal", LedgerColumns.RefusedRecords, string.Empty, "ON CONFLICT DO NOTHING");
        return sql.Append(" SELECT household FROM gate").ToString();

        void AppendUpsert<TRow>(TableColumns<TRow> table) =>
            Append(table.Table, table, Gate, $"ORDER BY {Prefixed(table.KeyNames)} ON CONFLICT ({table.KeyNames}) DO UPDATE SET {table.Assignments}");

        void AppendInsert<TRow>(TableColumns<TRow> table) => Append(table.Table, table, Gate, string.Empty);

        void Append<TRow>(string name, TableColumns<TRow> table, string join, string suffix)
        {
            sql.Append($", {name}_written AS (INSERT INTO {Table(table.Table)} ({table.Names}) SELECT {Prefixed(table.Names)} FROM {table.Unnest(next)} {join} {suffix})");
            next += table.Columns.Count;
        }
    }

    private const string Gate = "JOIN gate AS g ON g.bucket = i.bucket AND g.household = i.household";

    private static string Prefixed(string names) => string.Join(", ", names.Split(", ").Select(name => "i." + name));

    private static void Fill(NpgsqlParameterCollection parameters, LedgerBatch batch)
    {
        var first = 1;
        // Locks in a fixed order: two processes that share households cannot wait for each other in a circle.
        FillArrays(LedgerColumns.Households, batch.Households);
        FillArrays(LedgerColumns.Balances, RowsOf(batch, changes => changes.Balances));
        FillArrays(LedgerColumns.Allowances, RowsOf(batch, changes => changes.Allowances));
        FillArrays(LedgerColumns.Disbursements, RowsOf(batch, changes => changes.Disbursements));
        FillArrays(LedgerColumns.Lines, RowsOf(batch, changes => changes.Lines));
        FillArrays(LedgerColumns.Movements, RowsOf(batch, changes => changes.Movements));
        FillArrays(LedgerColumns.Lendings, RowsOf(batch, changes => changes.Lendings));
        FillArrays(LedgerColumns.Reversals, RowsOf(batch, changes => changes.Reversals));
        FillArrays(LedgerColumns.Credits, RowsOf(batch, changes => changes.Credits));
        FillArrays(LedgerColumns.Refunds, RowsOf(batch, changes => changes.Refunds));
        FillArrays(LedgerColumns.RefundLines, RowsOf(batch, changes => changes.RefundLines));
        FillArrays(LedgerColumns.Expiries, RowsOf(batch, changes => changes.Expiries));
        FillArrays(LedgerColumns.FraudCases, [.. batch.Households.SelectMany(state => state.Changes.Cases)]);
        FillArrays(LedgerColumns.FraudCases, batch.Cases);
        FillArrays(LedgerColumns.RefusedRecords, batch.Refused);

        void FillArrays<TRow>(TableColumns<TRow> table, IReadOnlyList<TRow> rows)
        {
            table.FillArrays(parameters, first, rows);
            first += table.Columns.Count;
        }
    }

    private static List<Of<T>> RowsOf<T>(LedgerBatch batch, Func<HouseholdChanges, IReadOnlyCollection<T>> select)
    {
        var rows = new List<Of<T>>();
        foreach (var state in batch.Households)
        {
            foreach (var row in select(state.Changes))
                rows.Add(new Of<T>(state, row));
        }
        return rows;
    }
}

/// <summary>A connection that stays open from batch to batch, so that its statements stay prepared.</summary>
internal sealed class PostgresSession(IDbConnectionFactory database, string settings) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    public NpgsqlConnection Connection => _connection ?? throw new InvalidOperationException("The session is not connected.");

    /// <summary>True where the connection is a new one: nothing is prepared on it.</summary>
    public async Task<bool> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { FullState: ConnectionState.Open })
            return false;
        await DisposeAsync();
        _connection = (NpgsqlConnection)await database.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(settings, _connection);
        await command.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync();
    }
}
