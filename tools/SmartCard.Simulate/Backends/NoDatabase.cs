using System.Data.Common;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Simulate.Backends;

/// <summary>For what would ask a database by hand: the simulation's ledger asks its store, and batch totals are added up from its rows.</summary>
internal sealed class NoDatabase : IDbConnectionFactory
{
    public static NoDatabase Instance { get; } = new();

    public DatabaseProvider Provider => DatabaseProvider.Postgres;

    public string Table(string schema, string table) => throw NotSimulated();

    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellation) => throw NotSimulated();

    public ValueTask<WriteTransaction> BeginWriteAsync(CancellationToken cancellation) => throw NotSimulated();

    private static NotSupportedException NotSimulated() => new("This query of the ledger is not simulated.");
}
