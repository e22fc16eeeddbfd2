using System.Data.Common;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Simulate.Campaigns;

namespace SmartCard.Simulate.Stores;

/// <summary>
/// The real ledger store over a real database, asked in the middle of a turn: the simulation waits for the answer, so that the machine's own timing has no
/// say in what comes next. Faults are the simulation's, before and after the real question.
/// </summary>
internal sealed class DatabaseLedger : ILedgerStore, ILedgerContents, IAsyncDisposable
{
    private readonly ModuleDatabase _database;
    private readonly ILedgerStore _store;
    private readonly List<ILedgerConnection> _open = [];

    private DatabaseLedger(ModuleDatabase database) => (_database, _store) = (database, LedgerPath.StoreOver(database));

    public int WritersMax => _store.WritersMax;

    /// <exception cref="InvalidOperationException">There is a ledger at that place already.</exception>
    public static async Task<DatabaseLedger> OpenAsync(CampaignOptions options, CancellationToken cancellation)
    {
        var folder = options.Keep ?? throw new InvalidOperationException("A real ledger needs a folder to stay in.");
        if (options.Database == CampaignDatabase.Sqlite && File.Exists(Path.Combine(folder, "smartcard.db")))
            throw new InvalidOperationException($"{folder} holds a ledger already: its cards have used the counters of these seeds. Give an empty folder.");
        Directory.CreateDirectory(folder);
        var isPostgres = options.Database == CampaignDatabase.Postgres;
        var database = ModuleDatabase.Create(new DatabaseOptions
        {
            Provider = isPostgres ? "postgres" : "sqlite",
            ConnectionString = isPostgres ? options.PostgresServer ?? throw new InvalidOperationException("SMARTCARD_POSTGRES is not set; tools/simulate sets it.") : null,
            DataFolder = folder,
        });
        await new ModuleSchema(open => new DisbursementsDbContext(open)).MigrateAsync(database, cancellation);
        var ledger = new DatabaseLedger(database);
        if (ledger.Rows("households").Count > 0)
            throw new InvalidOperationException("The database holds a ledger already: its cards have used the counters of these seeds. Give an empty one.");
        return ledger;
    }

    public ILedgerConnection Open()
    {
        var connection = new Connection(_store.Open());
        _open.Add(connection);
        return connection;
    }

    public Task<long> TakeEntriesAsync(int count, CancellationToken cancellation) => Task.FromResult(Wait(() => _store.TakeEntriesAsync(count, cancellation)));

    public IReadOnlyList<LedgerRow> Rows(string table, HouseholdId? household = null) => Wait(async () =>
    {
        await using var connection = await _database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {_database.Table(DisbursementsDbContext.SchemaName, table)}";
        if (household is { } one)
            command.CommandText += $" WHERE bucket = {one.Bucket} AND household = {one.Value}";
        await using var reader = await command.ExecuteReaderAsync();
        var columns = Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName);
        var rows = new List<LedgerRow>();
        while (await reader.ReadAsync())
        {
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(new LedgerRow(columns, values));
        }

        return rows;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
            await connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Away from the simulation's turns, and back when it is done.</summary>
    private static T Wait<T>(Func<Task<T>> question)
    {
        var turn = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return Task.Run(question).GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(turn);
        }
    }

    private sealed class Connection(ILedgerConnection inner) : ILedgerConnection
    {
        public Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation) =>
            Task.FromResult(Wait(() => inner.ReadAsync(keys, cancellation)));

        public Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation) =>
            Task.FromResult(Wait(() => inner.WriteAsync(batch, cancellation)));

        public WriteFailure Classify(DbException failure) => inner.Classify(failure);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
