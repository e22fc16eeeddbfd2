using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>The ledger's part of the stock in a SQLite file; the writer alone runs on it, so it needs no register.</summary>
internal static class SqliteStock
{
    public static async Task LoadAsync(ModuleDatabase database, BenchPopulation population, IReadOnlyList<StockTable> tables, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        var order = population.InBucketOrder();
        foreach (var table in tables)
        {
            await using var insert = write.Connection.CreateCommand();
            insert.Transaction = write.Transaction;
            insert.CommandText =
                $"INSERT INTO {TableName(table.Name)} ({string.Join(", ", table.Columns)}) VALUES ({string.Join(", ", table.Columns.Select(column => "@" + column))})";
            foreach (var column in table.Columns)
                insert.Add("@" + column, null);
            foreach (var index in order)
            {
                var row = table.RowOf(index);
                for (var column = 0; column < row.Length; column++)
                    insert.Parameters[column].Value = row[column];
                await insert.ExecuteNonQueryAsync(cancellation);
            }
        }
        await using var entries = write.Connection.CreateCommand();
        entries.Transaction = write.Transaction;
        entries.CommandText = $"INSERT INTO {TableName("entry_blocks")} (id, next) VALUES (1, {LedgerStock.NextEntry(population)})";
        await entries.ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);

        string TableName(string name) => database.Table(DisbursementsDbContext.SchemaName, name);
    }
}
