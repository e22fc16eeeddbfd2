using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace SmartCard.Backend.Platform.Databases;

internal sealed class PostgresDatabase : ModuleDatabase
{
    private const int StatementsPreparedMax = 100;

    /// <summary>"SUBSIDY1" in ASCII.</summary>
    private const long MigrationLock = 0x5355_4253_4944_5931;

    private const string LookupSettings = "SET plan_cache_mode = force_generic_plan; SET jit = off";

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _lookups;

    public PostgresDatabase(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        // Hot paths repeat few statements; a connection string that says otherwise (behind a pooler) stands. ContainsKey would be true of every keyword there is.
        if (!builder.ConnectionStringBuilder.ShouldSerialize("Max Auto Prepare"))
            builder.ConnectionStringBuilder.MaxAutoPrepare = StatementsPreparedMax;
        _source = builder.Build();
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        builder.UsePhysicalConnectionInitializer(SetForLookups, SetForLookupsAsync);
        _lookups = builder.Build();
    }

    public override DatabaseProvider Provider => DatabaseProvider.Postgres;

    public override string Table(string schema, string table) => $"{schema}.{table}";

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) => await _source.OpenConnectionAsync(cancellation);

    public override async ValueTask<DbConnection> OpenForLookupAsync(CancellationToken cancellation) => await _lookups.OpenConnectionAsync(cancellation);

    public override async ValueTask DisposeAsync()
    {
        await _lookups.DisposeAsync();
        await _source.DisposeAsync();
    }

    internal override ValueTask<IDisposable> TakeWritersTurnAsync(CancellationToken cancellation) => new(NoTurn.Instance);

    internal override async ValueTask<IAsyncDisposable> TakeMigrationTurnAsync(CancellationToken cancellation)
    {
        // EF locks a module's table of migrations, which it has to make first, and its schema before: two processes on an empty
        // database would meet there. The lock ends with its connection, also when the process dies.
        NpgsqlConnection connection;
        try
        {
            connection = await _source.OpenConnectionAsync(cancellation);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return NoTurn.Instance; // the first migration makes the database
        }
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(@key)", connection);
        command.Add("key", MigrationLock);
        await command.ExecuteNonQueryAsync(cancellation);
        return new SessionLock(connection);
    }

    private protected override void UseProvider(DbContextOptionsBuilder builder, string schema) =>
        builder.UseNpgsql(_source, npgsql => npgsql.MigrationsHistoryTable(MigrationsTable, schema));

    private static void SetForLookups(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(LookupSettings, connection);
        command.ExecuteNonQuery();
    }

    private static async Task SetForLookupsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(LookupSettings, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class SessionLock(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // Back in the pool a connection keeps its session's locks unless they are given back.
            await using (connection)
            await using (var command = new NpgsqlCommand("SELECT pg_advisory_unlock(@key)", connection))
            {
                command.Add("key", MigrationLock);
                await command.ExecuteNonQueryAsync();
            }
        }
    }
}
