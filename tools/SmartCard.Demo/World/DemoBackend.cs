using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using SmartCard.Backend;
using SmartCard.Backend.Platform;

namespace SmartCard.Demo.World;

/// <summary>Starts the backend on a fresh database, in this process, listening on loopback.</summary>
internal static class DemoBackend
{
    private const string PostgresDatabase = "smartcard_demo";

    /// <summary>The day begins at six in the morning, business time.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromHours(6);

    public static async Task<BackendHost> StartAsync(DemoOptions options, DemoClock clock, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Server:Listen"] = "127.0.0.1:0",
            ["Server:TerminalCallsPerSecond"] = "100000", // a day goes by in a minute
            ["Server:TerminalCallsAtOnce"] = "100000",
            // The keys of a demonstration live as long as it does.
            ["Secrets:Passphrase"] = RandomNumberGenerator.GetHexString(32),
            ["Database:Provider"] = options.Database == DemoDatabase.Postgres ? "postgres" : "sqlite",
            ["Database:DataFolder"] = Path.Combine(options.DataFolder, "backend"),
        };
        if (options.Database == DemoDatabase.Postgres)
            settings["Database:ConnectionString"] = await CreateDatabaseAsync(options, cancellation);

        var backend = await BackendHost.BuildAsync(
            new EmbeddedBackend
            {
                Settings = settings,
                Time = clock,
                Logging = logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(),
            },
            cancellation);
        var calendar = backend.Services.GetRequiredService<BusinessCalendar>();
        clock.Set(calendar.StartOf(calendar.Today) + Opening);
        await backend.StartAsync(cancellation);
        return backend;
    }

    private static async Task<string> CreateDatabaseAsync(DemoOptions options, CancellationToken cancellation)
    {
        var server = options.PostgresServer
            ?? throw new InvalidOperationException("PostgreSQL was asked for and no server is known: set SMARTCARD_POSTGRES or run tools/demo, which starts one.");
        var connection = new NpgsqlConnection(server);
        await using (connection)
        {
            await connection.OpenAsync(cancellation);
            foreach (var statement in new[] { $"DROP DATABASE IF EXISTS {PostgresDatabase} WITH (FORCE)", $"CREATE DATABASE {PostgresDatabase}" })
            {
                var command = new NpgsqlCommand(statement, connection);
                await using (command)
                    await command.ExecuteNonQueryAsync(cancellation);
            }
        }
        return new NpgsqlConnectionStringBuilder(server) { Database = PostgresDatabase }.ConnectionString;
    }
}
