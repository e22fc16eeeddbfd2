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
    public int WritersMax => int.MaxValue;

    public ILedgerConnection Open() => new PostgresLedgerConnection(database);

    public Task<long> TakeEntriesAsync(int count, CancellationToken cancellation) => EntryBlockTable.TakeAsync(database, count, cancellation);
}

/// <summary>Reads a batch's keys and writes a batch's rows, each in one round trip: <see cref="PostgresLedgerReader"/>, <see cref="PostgresWrite"/>.</summary>
internal sealed class PostgresLedgerConnection(IDbConnectionFactory database) : ILedgerConnection
{
    // Plans are made once, without knowing how long the arrays are or how large the tables will be, so the two sessions say which way
    // never degrades: a write joins arrays with arrays (by hash), a read looks keys up in indexes (in a loop).
    private readonly PostgresSession _writing = new(database, "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_nestloop = off; SET enable_mergejoin = off");
    private readonly PostgresSession _reading = new(database, "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
    private readonly Dictionary<WriteShape, NpgsqlCommand> _writes = [];
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
            if (await _writing.ConnectAsync(cancellation))
                await ForgetWritesAsync();
            var rows = new PostgresWrite(batch);
            if (!_writes.TryGetValue(rows.Shape, out var write))
                _writes[rows.Shape] = write = await PostgresWrite.PrepareAsync(rows.Shape, _writing.Connection, Table, cancellation);
            rows.Fill(write.Parameters);
            var written = new HashSet<HouseholdId>(batch.Households.Count);
            await using (var reader = await write.ExecuteReaderAsync(cancellation))
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
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => WriteFailure.KeyTaken,
        PostgresException { IsTransient: false } database when database.SqlState is [('2' or 'P'), ..] => WriteFailure.Poisoned,
        _ => WriteFailure.ReadAgain,
    };

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        await ForgetWritesAsync();
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private async ValueTask ForgetWritesAsync()
    {
        foreach (var write in _writes.Values)
            await write.DisposeAsync();
        _writes.Clear();
    }

    private string Table(string table) => database.Table(DisbursementsDbContext.SchemaName, table);
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
