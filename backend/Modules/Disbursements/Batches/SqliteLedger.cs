using System.Data.Common;
using Microsoft.Data.Sqlite;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

internal sealed class SqliteLedgerStore(IDbConnectionFactory database) : ILedgerStore
{
    /// <summary>The file has one writer: a second would only wait for it.</summary>
    public int WritersMax => 1;

    public ILedgerConnection Open() => new SqliteLedgerConnection(database);

    public Task<long> TakeEntriesAsync(int count, CancellationToken cancellation) => EntryBlockTable.TakeAsync(database, count, cancellation);
}

/// <summary>A batch is one transaction of prepared statements; the flush at its end is what costs, and it is paid once.</summary>
internal sealed class SqliteLedgerConnection(IDbConnectionFactory database) : ILedgerConnection
{
    // SQLite's primary result codes (sqlite.org/rescode.html).
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int TooBig = 18;
    private const int ConstraintUnique = 2067;
    private const int ConstraintPrimaryKey = 1555;

    private static readonly string IfAtVersion =
        $"ON CONFLICT (bucket, household) DO UPDATE SET {LedgerColumns.Households.Assignments} WHERE version = excluded.version - 1 RETURNING household";

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation)
    {
        await using var connection = (SqliteConnection)await database.OpenAsync(cancellation);
        // One snapshot for the whole read: version and balances are of one moment.
        await using var snapshot = connection.BeginTransaction(deferred: true);
        var states = new SqliteLedgerReader(connection, snapshot, Table).Read(new LedgerKeySet(keys));
        await new GoodsReader(connection, snapshot, Table).ReadAsync(keys, states, cancellation);
        return states;
    }

    public async Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        var written = RaiseVersions(write, batch.Households);
        var households = batch.Households.Where(state => written.Contains(state.Household)).ToArray();
        Insert(write, LedgerColumns.Disbursements, households, state => state.Changes.Disbursements);
        Insert(write, LedgerColumns.Movements, households, state => state.Changes.Movements);
        Insert(write, LedgerColumns.Lendings, households, state => state.Changes.Lendings);
        Insert(write, LedgerColumns.Reversals, households, state => state.Changes.Reversals);
        Insert(write, LedgerColumns.Credits, households, state => state.Changes.Credits);
        Insert(write, LedgerColumns.Refunds, households, state => state.Changes.Refunds);
        Insert(write, LedgerColumns.RefundLines, households, state => state.Changes.RefundLines);
        Insert(write, LedgerColumns.Expiries, households, state => state.Changes.Expiries);
        Insert(write, LedgerColumns.ClosedBalances, households, state => state.ClosedBalances, Replacing(LedgerColumns.ClosedBalances));
        Insert(write, LedgerColumns.ClosedAllowances, households, state => state.ClosedAllowances, Replacing(LedgerColumns.ClosedAllowances));
        Insert(write, LedgerColumns.FraudCases, households.SelectMany(state => state.Changes.Cases).Concat(batch.Cases), "ON CONFLICT DO NOTHING");
        Insert(write, LedgerColumns.RefusedRecords, batch.Refused, "ON CONFLICT DO NOTHING");
        await write.CommitAsync(cancellation);
        return written;
    }

    public WriteFailure Classify(DbException failure) => failure switch
    {
        SqliteException { SqliteExtendedErrorCode: ConstraintUnique or ConstraintPrimaryKey } => WriteFailure.KeyTaken,
        SqliteException { SqliteErrorCode: Constraint or Mismatch or TooBig } => WriteFailure.Poisoned,
        _ => WriteFailure.ReadAgain,
    };

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Replacing<TRow>(TableColumns<TRow> table) => $"ON CONFLICT ({table.KeyNames}) DO UPDATE SET {table.Assignments}";

    private string Table(string table) => database.Table(DisbursementsDbContext.SchemaName, table);

    private HashSet<HouseholdId> RaiseVersions(WriteTransaction write, IReadOnlyList<HouseholdState> states)
    {
        var written = new HashSet<HouseholdId>(states.Count);
        if (states.Count == 0)
            return written;
        using var raise = new SqliteInsert<HouseholdState>((SqliteConnection)write.Connection, LedgerColumns.Households, Table(LedgerColumns.Households.Table), IfAtVersion);
        foreach (var state in states)
        {
            if (raise.Write(state))
                written.Add(state.Household);
        }
        return written;
    }

    private void Insert<T>(
        WriteTransaction write, TableColumns<Of<T>> table, IReadOnlyList<HouseholdState> households, Func<HouseholdState, IReadOnlyCollection<T>> select, string suffix = "") =>
        Insert(write, table, households.SelectMany(select, (state, row) => new Of<T>(state, row)), suffix);

    private void Insert<TRow>(WriteTransaction write, TableColumns<TRow> table, IEnumerable<TRow> rows, string suffix)
    {
        SqliteInsert<TRow>? insert = null;
        try
        {
            foreach (var row in rows)
            {
                insert ??= new SqliteInsert<TRow>((SqliteConnection)write.Connection, table, Table(table.Table), suffix);
                insert.Write(row);
            }
        }
        finally
        {
            insert?.Dispose();
        }
    }
}
