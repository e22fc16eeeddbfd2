using System.Data.Common;
using Microsoft.Data.Sqlite;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Host;

/// <summary>The door to the database, which a test may close; behind it an empty one in memory.</summary>
internal sealed class FakeDatabase : IDbConnectionFactory
{
    public bool IsDown { get; set; }

    public bool IsSilent { get; set; }

    public DatabaseProvider Provider => DatabaseProvider.Sqlite;

    public string Table(string schema, string table) => throw new NotSupportedException();

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        if (IsDown)
            throw new SqliteException("unable to open database file", 14);
        if (IsSilent)
            await Task.Delay(Timeout.Infinite, cancellation);
        var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync(cancellation);
        return connection;
    }

    public ValueTask<WriteTransaction> BeginWriteAsync(CancellationToken cancellation) => throw new NotSupportedException();
}
