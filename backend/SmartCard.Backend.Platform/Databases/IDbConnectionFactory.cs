using System.Data.Common;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// Connections for hand-written SQL, where a hot path deserves it. A module names its tables through <see cref="Table"/>, writes the
/// SQL for both databases where they differ, and leaves everything else to its <see cref="ModuleDbContext"/>.
/// </summary>
public interface IDbConnectionFactory
{
    DatabaseProvider Provider { get; }

    /// <summary>schema.table on PostgreSQL, schema_table on SQLite.</summary>
    string Table(string schema, string table);

    /// <summary>An open connection from the pool, for reading. The caller disposes it.</summary>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>
    /// The same for the few look-ups that every call makes. Their statements stay prepared on the connection and their plans are made once, whatever the
    /// parameters; a session that comes back is not reset, so it must not be changed.
    /// </summary>
    ValueTask<DbConnection> OpenForLookupAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    /// <summary>
    /// An open connection in a transaction, for writing. On SQLite, which has one writer, callers queue here, in order and without
    /// holding a thread, instead of polling a busy file. Whoever holds the turn must not write any other way until it is given back: a
    /// context takes part by <see cref="ModuleDbContext.JoinAsync"/>.
    /// </summary>
    ValueTask<WriteTransaction> BeginWriteAsync(CancellationToken cancellation);
}

/// <summary>Rolled back unless <see cref="CommitAsync"/> was awaited.</summary>
public sealed class WriteTransaction(DbConnection connection, DbTransaction transaction, IDisposable turn) : IAsyncDisposable
{
    public DbConnection Connection { get; } = connection;

    public DbTransaction Transaction { get; } = transaction;

    public Task CommitAsync(CancellationToken cancellation) => Transaction.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
        turn.Dispose();
    }
}
