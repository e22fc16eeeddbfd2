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
    public static async Task InsertAsync(
        this IDbConnectionFactory database, WriteTransaction write, string schema, string table, CancellationToken cancellation, params (string Name, Array Values)[] columns)
    {
        var rows = columns[0].Values.Length;
        if (Array.Exists(columns, column => column.Values.Length != rows))
            throw new ArgumentException("All columns have as many values.", nameof(columns));
        if (rows == 0)
            return;

        var names = string.Join(", ", columns.Select(column => column.Name));
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        if (database.Provider == DatabaseProvider.Postgres)
        {
            var lists = string.Join(", ", columns.Select((_, index) => $"@c{index}"));
            command.CommandText = $"INSERT INTO {database.Table(schema, table)} ({names}) SELECT * FROM unnest({lists})";
            for (var index = 0; index < columns.Length; index++)
                command.Add($"c{index}", columns[index].Values);
            await command.ExecuteNonQueryAsync(cancellation);
            return;
        }

        command.CommandText = $"INSERT INTO {database.Table(schema, table)} ({names}) VALUES ({string.Join(", ", columns.Select((_, index) => $"@c{index}"))})";
        for (var index = 0; index < columns.Length; index++)
            command.Add($"c{index}", columns[index].Values.GetValue(0));
        await command.PrepareAsync(cancellation);
        for (var row = 0; row < rows; row++)
        {
            for (var index = 0; index < columns.Length; index++)
                command.Parameters[index].Value = columns[index].Values.GetValue(row) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
