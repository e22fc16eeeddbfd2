using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using SmartCard.Backend.Platform.Databases;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Reports;

namespace SmartCard.LedgerCheck.Tests.Support;

/// <summary>A copy of a ledger in which somebody with every right on the database does what the ledger never does.</summary>
public abstract class SpoiltLedger(DatabaseProvider provider) : IAsyncDisposable
{
    /// <summary>Options for the checker's command line.</summary>
    public abstract IReadOnlyList<string> Arguments { get; }

    /// <summary>Past every guard, which is in force again afterwards.</summary>
    public async Task SpoilAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await WithoutGuardsAsync(connection, TableNames.In(sql, provider));
    }

    /// <inheritdoc cref="SpoilAsync(string)"/>
    public async Task SpoilAsync(DocumentEdit edit)
    {
        var updates = new List<string>();
        await using (var connection = await OpenAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = TableNames.In(edit.Select, provider);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                updates.Add(edit.Update(reader.GetInt64(0), reader.GetString(1)));
        }
        Assert.NotEmpty(updates);
        await SpoilAsync(string.Join("; ", updates));
    }

    /// <summary>One text.</summary>
    public async Task<string> AskAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = TableNames.In(sql, provider);
        return Assert.IsType<string>(await command.ExecuteScalarAsync());
    }

    /// <summary>Takes one guard away for good, or lets something through it.</summary>
    public async Task AlterAsync(string onSqlite, string onPostgres)
    {
        await using var connection = await OpenAsync();
        await ExecuteAsync(connection, provider == DatabaseProvider.Sqlite ? onSqlite : onPostgres);
    }

    internal async Task<LedgerReport> CheckAsync(params string[] journals)
    {
        await using var ledger = await OpenForCheckAsync();
        var request = new CheckRequest { PricesFile = Path.Combine(AppContext.BaseDirectory, "eg.json"), JournalFiles = journals };
        return await LedgerChecker.RunAsync(ledger, request, TimeProvider.System, CancellationToken.None);
    }

    public abstract ValueTask DisposeAsync();

    internal abstract Task<LedgerDatabase> OpenForCheckAsync();

    protected abstract Task<DbConnection> OpenAsync();

    protected abstract Task WithoutGuardsAsync(DbConnection connection, string sql);

    protected static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}

internal sealed class SpoiltSqliteLedger(string file) : SpoiltLedger(DatabaseProvider.Sqlite)
{
    public override IReadOnlyList<string> Arguments => ["--sqlite", file];

    public override ValueTask DisposeAsync()
    {
        File.Delete(file);
        return ValueTask.CompletedTask;
    }

    internal override Task<LedgerDatabase> OpenForCheckAsync() => SqliteLedger.OpenAsync(file, CancellationToken.None);

    protected override async Task<DbConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False;Foreign Keys=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Triggers cannot be turned off here: they are dropped and made again, as somebody would who hides a change.</summary>
    protected override async Task WithoutGuardsAsync(DbConnection connection, string sql)
    {
        var guards = new List<(string Name, string Sql)>();
        await using (var read = new SqliteCommand("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", (SqliteConnection)connection))
        await using (var reader = await read.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                guards.Add((reader.GetString(0), reader.GetString(1)));
        }
        await ExecuteAsync(connection, "PRAGMA ignore_check_constraints = ON");
        foreach (var (name, _) in guards)
            await ExecuteAsync(connection, $"DROP TRIGGER {name}");
        await ExecuteAsync(connection, sql);
        foreach (var (_, guard) in guards)
            await ExecuteAsync(connection, guard);
    }
}

internal sealed class SpoiltPostgresLedger(string connectionString) : SpoiltLedger(DatabaseProvider.Postgres)
{
    public override IReadOnlyList<string> Arguments => ["--postgres", connectionString];

    public override async ValueTask DisposeAsync() =>
        await AdministerAsync(connectionString, $"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>From another database of the same server.</summary>
    public static async Task AdministerAsync(string? server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Database = "postgres", Pooling = false }.ToString());
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    internal override Task<LedgerDatabase> OpenForCheckAsync() => PostgresLedger.OpenAsync(connectionString, CancellationToken.None);

    protected override async Task<DbConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Triggers are not fired; checks are dropped and made again for new rows alone, as somebody would who hides a change.</summary>
    protected override async Task WithoutGuardsAsync(DbConnection connection, string sql)
    {
        var guards = new List<(string Table, string Name, string Sql)>();
        await using (var read = new NpgsqlCommand("""
            SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'c' AND connamespace IN ('disbursements'::regnamespace, 'reconciliation'::regnamespace)
            """, (NpgsqlConnection)connection))
        await using (var reader = await read.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                guards.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }
        foreach (var (table, name, _) in guards)
            await ExecuteAsync(connection, $"ALTER TABLE {table} DROP CONSTRAINT {name}");
        await ExecuteAsync(connection, "SET session_replication_role = replica");
        await ExecuteAsync(connection, sql);
        foreach (var (table, name, guard) in guards)
            await ExecuteAsync(connection, $"ALTER TABLE {table} ADD CONSTRAINT {name} {guard} NOT VALID");
    }
}
