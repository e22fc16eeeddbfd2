using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// One file in write-ahead mode with synchronous=FULL: what was acknowledged survives a power cut (NORMAL loses it). Writers take
/// turns, first come, first served.
/// </summary>
internal sealed class SqliteDatabase : ModuleDatabase
{
    public const string FileName = "smartcard.db";

    private const int BusyTimeoutMs = 10_000;

    /// <summary>Pages that the log grows by before they go into the file, 40 MB: a page that many draws touch goes there once, not with each of SQLite's own 4 MB.</summary>
    private const int CheckpointPages = 10_000;

    private static readonly TimeSpan MigrationLockRetry = TimeSpan.FromMilliseconds(50);

    private readonly DataFolder _folder;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly OnOpen _onOpen = new();

    public SqliteDatabase(DataFolder folder)
    {
        _folder = folder;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = folder.PathOf(FileName),
            Mode = SqliteOpenMode.ReadWriteCreate,
            ForeignKeys = true,
            Pooling = true,
        }.ToString();
    }

    public override DatabaseProvider Provider => DatabaseProvider.Sqlite;

    public override string Table(string schema, string table) => $"{schema}_{table}";

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            Prepare(connection);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override ValueTask DisposeAsync()
    {
        using (var connection = new SqliteConnection(_connectionString))
            SqliteConnection.ClearPool(connection);
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }

    internal override async ValueTask<IDisposable> TakeWritersTurnAsync(CancellationToken cancellation)
    {
        await _writer.WaitAsync(cancellation);
        return new Turn(_writer);
    }

    internal override async ValueTask<IAsyncDisposable> TakeMigrationTurnAsync(CancellationToken cancellation)
    {
        var file = await OpenLockFileAsync(cancellation);
        // EF's own lock is a row, which a killed process leaves behind and the next start would wait for in vain. Under our lock,
        // which the operating system takes back, such a row is always left over.
        var connection = await OpenAsync(cancellation);
        await using (connection)
        {
            var command = connection.CreateCommand();
            await using (command)
            {
                command.CommandText = "DROP TABLE IF EXISTS \"__EFMigrationsLock\"";
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }
        return file;
    }

    private protected override void UseProvider(DbContextOptionsBuilder builder, string schema) =>
        builder
            .UseSqlite(_connectionString, sqlite => sqlite.MigrationsHistoryTable(Table(schema, MigrationsTable)))
            .AddInterceptors(_onOpen);

    private static void Prepare(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA busy_timeout={BusyTimeoutMs}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint={CheckpointPages};";
        command.ExecuteNonQuery();
    }

    private async Task<FileStream> OpenLockFileAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(_folder.PathOf("migrations.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellation.IsCancellationRequested)
            {
                await Task.Delay(MigrationLockRetry, cancellation);
            }
        }
    }

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        private SemaphoreSlim? _writer = writer;

        public void Dispose() => Interlocked.Exchange(ref _writer, null)?.Release();
    }

    private sealed class OnOpen : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Prepare(connection);
            return Task.CompletedTask;
        }
    }
}
