using SmartCard.Backend.Platform;

namespace SmartCard.Simulate.Stores;

/// <summary>One row of the ledger as its database has it: columns by name.</summary>
internal sealed class LedgerRow(IReadOnlyDictionary<string, int> columns, object?[] values)
{
    public object? this[string column] => values[columns[column]];

    public long Long(string column) => Convert.ToInt64(this[column]);

    public bool Has(string column) => this[column] is not (null or DBNull);

    public byte[] Bytes(string column) => (byte[])this[column]!;

    public string Text(string column) => (string)this[column]!;

    /// <summary>Every column but signatures, which are other bytes in each run; the same on every database.</summary>
    public override string ToString() => string.Join(", ", columns.Keys.Where(column => column != "signature").Order(StringComparer.Ordinal).Select(column => $"{column} {Describe(this[column])}"));

    private static string Describe(object? value) => value switch
    {
        null or DBNull => "-",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        Guid id => Convert.ToHexStringLower(id.ToByteArray()),
        bool flag => flag ? "1" : "0",
        string text when Guid.TryParse(text, out var id) => Convert.ToHexStringLower(id.ToByteArray()),
        string text => text,
        _ => Convert.ToInt64(value).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>What may be read of a ledger by those who check it; whichever database it is on.</summary>
internal interface ILedgerContents
{
    /// <summary>The rows of a table, of one household or of all, in the order in which they were written where the database knows it.</summary>
    IReadOnlyList<LedgerRow> Rows(string table, HouseholdId? household = null);
}
