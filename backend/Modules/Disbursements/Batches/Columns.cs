using System.Data.Common;
using Npgsql;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>One column of a table that the path writes: how its value is read out of a row, for both databases.</summary>
internal interface IColumn<in TRow>
{
    string Name { get; }

    /// <summary>The type of one value, as PostgreSQL calls it.</summary>
    string PostgresType { get; }

    /// <summary>A parameter that holds an array, one value for each row of a batch.</summary>
    NpgsqlParameter CreateArray();

    void FillArray(NpgsqlParameter parameter, IReadOnlyList<TRow> rows);

    object ValueOf(TRow row);
}

internal sealed class Column<TRow, TValue>(string name, Func<TRow, TValue> read) : IColumn<TRow>
{
    public string Name { get; } = name;

    public string PostgresType { get; } = TypeNames.Of(typeof(TValue));

    public NpgsqlParameter CreateArray() => new NpgsqlParameter<TValue[]> { TypedValue = [] };

    public void FillArray(NpgsqlParameter parameter, IReadOnlyList<TRow> rows)
    {
        var values = rows.Count == 0 ? [] : new TValue[rows.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = read(rows[index]);
        ((NpgsqlParameter<TValue[]>)parameter).TypedValue = values;
    }

    public object ValueOf(TRow row) => read(row) switch
    {
        null => DBNull.Value,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(), // SQLite's driver takes arrays alone
        var value => value,
    };
}

internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(short)] = "smallint",
        [typeof(int)] = "integer",
        [typeof(long)] = "bigint",
        [typeof(long?)] = "bigint",
        [typeof(bool)] = "boolean",
        [typeof(string)] = "text",
        [typeof(byte[])] = "bytea",
        [typeof(ReadOnlyMemory<byte>)] = "bytea",
        [typeof(Guid)] = "uuid",
    };

    public static string Of(Type type) => Names[type];
}

/// <summary>
/// A table as the path writes it: its columns once, for the array statement of PostgreSQL and for the prepared statement of SQLite. The first
/// columns are the key.
/// </summary>
internal sealed class TableColumns<TRow>(string table, int keyLength, params IColumn<TRow>[] columns)
{
    public string Table { get; } = table;

    public IReadOnlyList<IColumn<TRow>> Columns { get; } = columns;

    public string Names { get; } = string.Join(", ", columns.Select(column => column.Name));

    public string KeyNames { get; } = string.Join(", ", columns.Take(keyLength).Select(column => column.Name));

    /// <summary>"a = excluded.a, ..." for all columns outside the key.</summary>
    public string Assignments { get; } = string.Join(", ", columns.Skip(keyLength).Select(column => $"{column.Name} = excluded.{column.Name}"));

    /// <summary>
    /// (SELECT unnest($n::type[]) AS name, ...) AS i, its first parameter being number <paramref name="first"/>. In the select list the arrays are walked side by
    /// side; in FROM each would be laid down as a table of its own first.
    /// </summary>
    public string Unnest(int first) =>
        $"(SELECT {string.Join(", ", Columns.Select((column, index) => $"unnest(${first + index}::{column.PostgresType}[]) AS {column.Name}"))}) AS i";

    public IEnumerable<NpgsqlParameter> CreateArrays() => Columns.Select(column => column.CreateArray());

    public void FillArrays(NpgsqlParameterCollection parameters, int first, IReadOnlyList<TRow> rows)
    {
        for (var index = 0; index < Columns.Count; index++)
            Columns[index].FillArray(parameters[first - 1 + index], rows);
    }

    /// <summary>INSERT ... VALUES (@a, @b, ...) with what follows it.</summary>
    public DbCommand CreateInsert(DbConnection connection, DbTransaction transaction, string qualifiedTable, string suffix)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO {qualifiedTable} ({Names}) VALUES ({string.Join(", ", Columns.Select(column => "@" + column.Name))}) {suffix}";
        foreach (var column in Columns)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + column.Name;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    public void Fill(DbCommand insert, TRow row)
    {
        for (var index = 0; index < Columns.Count; index++)
            insert.Parameters[index].Value = Columns[index].ValueOf(row);
    }
}
