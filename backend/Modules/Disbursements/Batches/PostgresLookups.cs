using Npgsql;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>Statements that go to the server together, each over arrays of keys: $1 the buckets, $2 and $3 the rest of the key.</summary>
internal sealed class PostgresLookups(NpgsqlConnection connection) : IDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);

    public void Add<TA>(string sql) => Add(sql, new NpgsqlParameter<TA[]> { TypedValue = [] });

    public void Add<TA, TB>(string sql) => Add(sql, new NpgsqlParameter<TA[]> { TypedValue = [] }, new NpgsqlParameter<TB[]> { TypedValue = [] });

    public Task PrepareAsync(CancellationToken cancellation) => _batch.PrepareAsync(cancellation);

    public void Fill<TKey, TA>(int statement, IReadOnlyCollection<TKey> keys, Func<TKey, short> bucket, Func<TKey, TA> a)
    {
        Set(statement, 0, keys, bucket);
        Set(statement, 1, keys, a);
    }

    public void Fill<TKey, TA, TB>(int statement, IReadOnlyCollection<TKey> keys, Func<TKey, short> bucket, Func<TKey, TA> a, Func<TKey, TB> b)
    {
        Fill(statement, keys, bucket, a);
        Set(statement, 2, keys, b);
    }

    public Task<NpgsqlDataReader> ExecuteAsync(CancellationToken cancellation) => _batch.ExecuteReaderAsync(cancellation);

    public void Dispose() => _batch.Dispose();

    private void Add(string sql, params ReadOnlySpan<NpgsqlParameter> keys)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [] });
        foreach (var key in keys)
            command.Parameters.Add(key);
        _batch.BatchCommands.Add(command);
    }

    private void Set<TKey, TValue>(int statement, int parameter, IReadOnlyCollection<TKey> keys, Func<TKey, TValue> read)
    {
        var values = new TValue[keys.Count];
        var index = 0;
        foreach (var key in keys)
            values[index++] = read(key);
        ((NpgsqlParameter<TValue[]>)_batch.BatchCommands[statement].Parameters[parameter]).TypedValue = values;
    }
}
