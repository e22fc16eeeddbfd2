using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// The one database of an installation, in which each module has a schema of its own (a table-name prefix on SQLite).
/// Registered once; safe for all threads.
/// </summary>
public abstract class ModuleDatabase : IDbConnectionFactory, IAsyncDisposable
{
    private protected const string MigrationsTable = "migrations";

    public abstract DatabaseProvider Provider { get; }

    public static ModuleDatabase Create(DatabaseOptions options) => options.ParsedProvider switch
    {
        DatabaseProvider.Sqlite => new SqliteDatabase(DataFolder.At(options.DataFolder)),
        DatabaseProvider.Postgres => new PostgresDatabase(options.ConnectionString!),
        _ => throw new InvalidOperationException("The provider is validated at start-up."),
    };

    public abstract string Table(string schema, string table);

    public abstract ValueTask<DbConnection> OpenAsync(CancellationToken cancellation);

    public virtual ValueTask<DbConnection> OpenForLookupAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    public async ValueTask<WriteTransaction> BeginWriteAsync(CancellationToken cancellation)
    {
        var turn = await TakeWritersTurnAsync(cancellation);
        DbConnection? connection = null;
        try
        {
            connection = await OpenAsync(cancellation);
            return new WriteTransaction(connection, await connection.BeginTransactionAsync(cancellation), turn);
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            turn.Dispose();
            throw;
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Waits for the writer's turn where the database has one writer; released by disposing.</summary>
    internal abstract ValueTask<IDisposable> TakeWritersTurnAsync(CancellationToken cancellation);

    /// <summary>Held while migrations run, so that two processes that start together do not run them together.</summary>
    internal abstract ValueTask<IAsyncDisposable> TakeMigrationTurnAsync(CancellationToken cancellation);

    internal void Configure(DbContextOptionsBuilder builder, string schema)
    {
        UseProvider(builder, schema);
        // Migrations are written by hand, without a model snapshot; a test reads both databases' catalogues and proves that
        // migrations and model agree (decision 0002).
        builder.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
    }

    private protected abstract void UseProvider(DbContextOptionsBuilder builder, string schema);

    private protected sealed class NoTurn : IDisposable, IAsyncDisposable
    {
        public static readonly NoTurn Instance = new();

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
