using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>
/// No test can cut the power. SQLite's own number can be asked: synchronous 2 is FULL, which flushes the log at every commit; under NORMAL, 1, the last
/// commits before a power cut are gone although they were acknowledged (sqlite.org/pragma.html).
/// </summary>
public sealed class What_was_committed_to_sqlite(SqliteTestDatabase fixture) : IClassFixture<SqliteTestDatabase>
{
    private const long Full = 2;

    [Fact]
    public async Task Is_flushed_to_the_disk_on_every_connection()
    {
        await using var read = await fixture.Database.OpenAsync(CancellationToken.None);
        await using var write = await fixture.Database.BeginWriteAsync(CancellationToken.None);
        await using var context = new SampleDbContext(fixture.Database);
        await context.Database.OpenConnectionAsync();

        Assert.Equal(Full, await SynchronousAsync(read));
        Assert.Equal(Full, await SynchronousAsync(write.Connection, write.Transaction));
        Assert.Equal(Full, await SynchronousAsync(context.Database.GetDbConnection()));
    }

    private static async Task<object?> SynchronousAsync(DbConnection connection, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, "PRAGMA synchronous");
        return await command.ExecuteScalarAsync();
    }
}
