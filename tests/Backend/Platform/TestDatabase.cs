using System.Security.Cryptography;
using Npgsql;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>
/// A database of its own for one test class. Write the tests in an abstract class that takes this, and derive two: one with
/// IClassFixture of <see cref="SqliteTestDatabase"/>, one with <see cref="PostgresTestDatabase"/>.
/// </summary>
public abstract class TestDatabase : IAsyncLifetime
{
    private ModuleDatabase? _database;

    public ModuleDatabase Database => _database ?? throw new InvalidOperationException("The fixture is not initialised.");

    /// <summary>What the host would be configured with, to run a whole module on this database.</summary>
    public DatabaseOptions Options { get; private set; } = new();

    /// <summary>Kept as long as the data folder, which has what was made with them.</summary>
    internal MemorySecretStore Secrets { get; } = new();

    public async Task InitializeAsync()
    {
        Options = await CreateAsync();
        _database = ModuleDatabase.Create(Options);
    }

    /// <summary>Brings the tables of one module up; cheap where they are.</summary>
    public Task MigrateAsync(Func<ModuleDatabase, ModuleDbContext> open) =>
        new ModuleSchema(open).MigrateAsync(Database, CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        await DropAsync();
    }

    /// <summary>A fresh one of the same kind, for tests that compare two.</summary>
    public abstract TestDatabase Another();

    protected abstract Task<DatabaseOptions> CreateAsync();

    protected abstract Task DropAsync();
}

public sealed class SqliteTestDatabase : TestDatabase
{
    private DirectoryInfo? _folder;

    public override TestDatabase Another() => new SqliteTestDatabase();

    protected override Task<DatabaseOptions> CreateAsync()
    {
        _folder = Directory.CreateTempSubdirectory("smartcard-test-");
        return Task.FromResult(new DatabaseOptions { Provider = "sqlite", DataFolder = _folder.FullName });
    }

    protected override Task DropAsync()
    {
        _folder?.Delete(recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class PostgresTestDatabase : TestDatabase
{
    public const string Variable = "SMARTCARD_POSTGRES";

    private string? _name;
    private DirectoryInfo? _folder;

    public override TestDatabase Another() => new PostgresTestDatabase();

    protected override async Task<DatabaseOptions> CreateAsync()
    {
        var server = Server();
        var name = "test_" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        _name = name;
        _folder = Directory.CreateTempSubdirectory("smartcard-test-");
        return new DatabaseOptions
        {
            Provider = "postgres",
            ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ToString(),
            DataFolder = _folder.FullName,
        };
    }

    protected override async Task DropAsync()
    {
        _folder?.Delete(recursive: true);
        if (_name is not null)
            await ExecuteAsync(Server(), $"DROP DATABASE {_name} WITH (FORCE)");
    }

    private static string Server() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString
            ? connectionString
            : throw new InvalidOperationException($"{Variable} is not set. tools/test starts a PostgreSQL of its own and sets it; run that, or give a connection string of a user who may create databases.");

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Database = "postgres", Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
