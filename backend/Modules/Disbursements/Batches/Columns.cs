using Npgsql;
using SQLitePCL;

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

    /// <summary>Sets parameter <paramref name="index"/>, from 1, of SQLite's statement; gives its result code.</summary>
    int Bind(sqlite3_stmt statement, int index, TRow row);

    /// <summary>For who keeps the rows itself, as the simulation does: never null, bytes as an array.</summary>
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

    // In the storage classes of Microsoft.Data.Sqlite, by which the rows are read.
    public int Bind(sqlite3_stmt statement, int index, TRow row) => read(row) switch
    {
        null => raw.sqlite3_bind_null(statement, index),
        long number => raw.sqlite3_bind_int64(statement, index, number),
        int number => raw.sqlite3_bind_int64(statement, index, number),
        short number => raw.sqlite3_bind_int64(statement, index, number),
        bool flag => raw.sqlite3_bind_int64(statement, index, flag ? 1 : 0),
        string text => raw.sqlite3_bind_text(statement, index, text),
        ReadOnlyMemory<byte> bytes => raw.sqlite3_bind_blob(statement, index, bytes.Span),
        byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
        Guid id => raw.sqlite3_bind_text(statement, index, id.ToString().ToUpperInvariant()),
        _ => throw new NotSupportedException($"Column {Name} holds {typeof(TValue)}."),
    };

    public object ValueOf(TRow row) => read(row) switch
    {
        null => DBNull.Value,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
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
/// A table as the path writes it: its columns once, for the array statement of PostgreSQL and for the row statement of SQLite. The first
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
}
