using System.Data.Common;
using Npgsql;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>The few questions that every call asks are parsed and planned once for each connection, and not for each call.</summary>
public sealed class Look_ups_on_postgres(PostgresTestDatabase fixture) : IClassFixture<PostgresTestDatabase>
{
    /// <summary>Npgsql prepares a statement at its fifth use.</summary>
    private const int Uses = 6;

    [Fact]
    public async Task Are_prepared_on_their_connection_and_stay_so_when_it_goes_back()
    {
        for (var use = 0; use < Uses; use++)
        {
            await using var connection = await fixture.Database.OpenForLookupAsync(CancellationToken.None);
            await AskAsync(connection, "SELECT 'a look-up' WHERE 1 = ANY(@ids)", new NpgsqlParameter("ids", new[] { 1L, 2L }));
        }

        await using var again = await fixture.Database.OpenForLookupAsync(CancellationToken.None);
        Assert.Equal(1L, await AskAsync(again, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT ''a look-up''%'"));
        Assert.Equal("force_generic_plan", await AskAsync(again, "SHOW plan_cache_mode"));
    }

    [Fact]
    public async Task Are_prepared_as_often_as_a_connection_string_says()
    {
        var text = new NpgsqlConnectionStringBuilder(fixture.Options.ConnectionString) { MaxAutoPrepare = 0, ApplicationName = "behind a pooler" }.ConnectionString;
        await using var database = ModuleDatabase.Create(new DatabaseOptions { Provider = "postgres", ConnectionString = text });
        for (var use = 0; use < Uses; use++)
        {
            await using var connection = await database.OpenForLookupAsync(CancellationToken.None);
            await AskAsync(connection, "SELECT 'a look-up'");
        }

        await using var again = await database.OpenForLookupAsync(CancellationToken.None);
        Assert.Equal(0L, await AskAsync(again, "SELECT count(*) FROM pg_prepared_statements"));
    }

    private static async Task<object?> AskAsync(DbConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteScalarAsync();
    }
}
