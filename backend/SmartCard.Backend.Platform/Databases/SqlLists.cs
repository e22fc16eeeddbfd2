using System.Data.Common;
using System.Text.Json;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>Many values in one statement, on both databases: arrays on PostgreSQL, JSON on SQLite.</summary>
public static class SqlLists
{
    /// <summary>SQL that is true where <paramref name="expression"/> is in the list parameter @<paramref name="parameter"/>; add it by <see cref="AddList(IDbConnectionFactory, DbCommand, string, IReadOnlyCollection{long})"/>.</summary>
    public static string In(this IDbConnectionFactory database, string expression, string parameter) =>
        database.Provider == DatabaseProvider.Postgres
            ? $"{expression} = ANY(@{parameter})"
            : $"{expression} IN (SELECT value FROM json_each(@{parameter}))";

    /// <summary>The same for byte strings.</summary>
    public static string InBytes(this IDbConnectionFactory database, string expression, string parameter) =>
        database.Provider == DatabaseProvider.Postgres
            ? $"{expression} = ANY(@{parameter})"
            : $"{expression} IN (SELECT unhex(value) FROM json_each(@{parameter}))";

    public static void AddList(this IDbConnectionFactory database, DbCommand command, string parameter, IReadOnlyCollection<long> values) =>
        command.Add(parameter, database.Provider == DatabaseProvider.Postgres ? values.ToArray() : JsonSerializer.Serialize(values));

    public static void AddList(this IDbConnectionFactory database, DbCommand command, string parameter, IReadOnlyCollection<string> values) =>
        command.Add(parameter, database.Provider == DatabaseProvider.Postgres ? values.ToArray() : JsonSerializer.Serialize(values));

    public static void AddList(this IDbConnectionFactory database, DbCommand command, string parameter, IReadOnlyCollection<byte[]> values) =>
        command.Add(
            parameter,
            database.Provider == DatabaseProvider.Postgres ? values.ToArray() : JsonSerializer.Serialize(values.Select(Convert.ToHexString)));

    /// <summary>
    /// Inserts as many rows as the columns have values: one statement on PostgreSQL, a prepared one in a loop on SQLite, which
    /// runs in the process.
    /// </summary>
    /// <param name="columns">Each a name and a typed array (long[], int[], string[], byte[][], DateOnly[], bool[]), all of one length.</param>
    public static Task InsertAsync(
        this IDbConnectionFactory database, WriteTransaction write, string schema, string table, CancellationToken cancellation, params (string Name, Array Values)[] columns)
    {
        var names = string.Join(", ", columns.Select(column => column.Name));
        var parameters = string.Join(", ", columns.Select((_, index) => $"@c{index}"));
        var insert = $"INSERT INTO {database.Table(schema, table)} ({names})";
        return RunAsync(database, write, $"{insert} SELECT * FROM unnest({parameters})", $"{insert} VALUES ({parameters})", columns, cancellation);
    }

    /// <summary>Changes as many rows as there are keys, in the same way. A key that is not there changes nothing.</summary>
    /// <param name="columns">As for <see cref="InsertAsync"/>; the first is the key.</param>
    public static Task UpdateAsync(
        this IDbConnectionFactory database, WriteTransaction write, string schema, string table, CancellationToken cancellation, params (string Name, Array Values)[] columns)
    {
        var name = database.Table(schema, table);
        var key = columns[0].Name;
        var changes = columns.Skip(1).Select(column => column.Name).ToList();
        var names = string.Join(", ", columns.Select(column => column.Name));
        var parameters = string.Join(", ", columns.Select((_, index) => $"@c{index}"));
        return RunAsync(
            database,
            write,
            $"UPDATE {name} AS t SET {string.Join(", ", changes.Select(change => $"{change} = v.{change}"))} FROM unnest({parameters}) AS v ({names}) WHERE t.{key} = v.{key}",
            $"UPDATE {name} SET {string.Join(", ", changes.Select((change, index) => $"{change} = @c{index + 1}"))} WHERE {key} = @c0",
            columns,
            cancellation);
    }

    private static async Task RunAsync(
        IDbConnectionFactory database, WriteTransaction write, string overArrays, string forOneRow, (string Name, Array Values)[] columns, CancellationToken cancellation)
    {
        var rows = columns[0].Values.Length;
        if (Array.Exists(columns, column => column.Values.Length != rows))
            throw new ArgumentException("All columns have as many values.", nameof(columns));
        if (rows == 0)
            return;

        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        var isPostgres = database.Provider == DatabaseProvider.Postgres;
        command.CommandText = isPostgres ? overArrays : forOneRow;
        for (var index = 0; index < columns.Length; index++)
            command.Add($"c{index}", isPostgres ? columns[index].Values : columns[index].Values.GetValue(0));
        if (isPostgres)
        {
            await command.ExecuteNonQueryAsync(cancellation);
            return;
        }
        await command.PrepareAsync(cancellation);
        for (var row = 0; row < rows; row++)
        {
            for (var index = 0; index < columns.Length; index++)
                command.Parameters[index].Value = columns[index].Values.GetValue(row) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
