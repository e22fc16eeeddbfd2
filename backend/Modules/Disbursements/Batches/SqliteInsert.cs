using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// INSERT of one table's rows, one after the other, on SQLite's own statement: the driver's commands look for each parameter by its name and copy each value, which for a
/// batch took longer than SQLite itself. Inside the connection's transaction, and not longer than that.
/// </summary>
internal sealed class SqliteInsert<TRow> : IDisposable
{
    private readonly TableColumns<TRow> _table;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="suffix">What follows VALUES (...).</param>
    public SqliteInsert(SqliteConnection connection, TableColumns<TRow> table, string qualifiedTable, string suffix)
    {
        (_table, _database) = (table, connection.Handle!);
        var sql = $"INSERT INTO {qualifiedTable} ({table.Names}) VALUES ({string.Join(", ", table.Columns.Select(_ => "?"))}) {suffix}";
        ThrowUnless(raw.SQLITE_OK, raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <returns>True where the suffix returns a row.</returns>
    /// <exception cref="SqliteException">The database refuses the row.</exception>
    public bool Write(TRow row)
    {
        for (var index = 0; index < _table.Columns.Count; index++)
            ThrowUnless(raw.SQLITE_OK, _table.Columns[index].Bind(_statement, index + 1, row));
        var result = raw.sqlite3_step(_statement);
        var returned = result == raw.SQLITE_ROW;
        if (returned)
            result = raw.sqlite3_step(_statement);
        ThrowUnless(raw.SQLITE_DONE, result);
        ThrowUnless(raw.SQLITE_OK, raw.sqlite3_reset(_statement));
        return returned;
    }

    public void Dispose() => _statement.Dispose();

    private void ThrowUnless(int expected, int result)
    {
        if (result != expected)
            SqliteException.ThrowExceptionForRC(result, _database);
    }
}
