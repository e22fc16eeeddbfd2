using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace SmartCard.Backend.Platform.Databases;

internal sealed class PostgresDatabase : ModuleDatabase
{
    private const int StatementsPreparedMax = 100;

    private readonly NpgsqlDataSource _source;

    public PostgresDatabase(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        // Hot paths repeat few statements; a connection string that says otherwise (behind a pooler) stands.
        if (!builder.ConnectionStringBuilder.ContainsKey("Max Auto Prepare"))
            builder.ConnectionStringBuilder.MaxAutoPrepare = StatementsPreparedMax;
        _source = builder.Build();
    }

    public override DatabaseProvider Provider => DatabaseProvider.Postgres;

    public override string Table(string schema, string table) => $"{schema}.{table}";

    public override async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) => await _source.OpenConnectionAsync(cancellation);

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    internal override ValueTask<IDisposable> TakeWritersTurnAsync(CancellationToken cancellation) => new(NoTurn.Instance);

    // EF takes a lock on the history table, which ends with its connection.
    internal override ValueTask<IAsyncDisposable> TakeMigrationTurnAsync(CancellationToken cancellation) => new(NoTurn.Instance);

    private protected override void UseProvider(DbContextOptionsBuilder builder, string schema) =>
        builder.UseNpgsql(_source, npgsql => npgsql.MigrationsHistoryTable(MigrationsTable, schema));
}
