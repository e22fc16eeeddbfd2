using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>Cases: several processes that start on one empty database; one that starts after another was killed while it migrated.</summary>
public abstract class Starting_processes(TestDatabase fixture)
{
    [Fact]
    public async Task Migrate_one_after_another()
    {
        await using var another = await StartedAsync();
        var processes = Enumerable.Range(0, 4).Select(_ => Process(another.Fixture.Options)).ToList();

        await Task.WhenAll(processes.Select(process => process.MigrateAsync(CancellationToken.None)));

        var catalogue = await CatalogueReader.ReadAsync(another.Fixture.Database);
        Assert.Contains(catalogue, line => line.Contains("households", StringComparison.Ordinal));
        Assert.Contains(catalogue, line => line.Contains("rows", StringComparison.Ordinal));
        foreach (var process in processes)
            await process.DisposeAsync();
    }

    [Fact]
    public async Task Do_not_wait_for_one_that_was_killed()
    {
        await using var another = await StartedAsync();
        await using (var killed = Process(another.Fixture.Options))
            await killed.MigrateAsync(CancellationToken.None);
        await LeaveLockBehindAsync(another.Fixture.Database);

        await using var next = Process(another.Fixture.Options);
        await next.MigrateAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>What a migration that never ended leaves in the database.</summary>
    private protected virtual Task LeaveLockBehindAsync(ModuleDatabase database) => Task.CompletedTask;

    private static ServiceProvider Process(DatabaseOptions options) =>
        new ServiceCollection()
            .AddLogging()
            .AddSingleton(_ => ModuleDatabase.Create(options))
            .AddModuleTables(database => new SampleDbContext(database))
            .AddModuleTables(database => new RegistryDbContext(database))
            .BuildServiceProvider();

    private async Task<Running> StartedAsync()
    {
        var another = fixture.Another();
        await another.InitializeAsync();
        return new Running(another);
    }

    private sealed record Running(TestDatabase Fixture) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Fixture.DisposeAsync();
    }
}

public sealed class Starting_processes_on_sqlite(SqliteTestDatabase database) : Starting_processes(database), IClassFixture<SqliteTestDatabase>
{
    private protected override async Task LeaveLockBehindAsync(ModuleDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        // The row that EF's provider for SQLite locks with.
        command.CommandText = """
            CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-22 09:00:00');
            """;
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class Starting_processes_on_postgres(PostgresTestDatabase database) : Starting_processes(database), IClassFixture<PostgresTestDatabase>;
