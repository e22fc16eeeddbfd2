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

    public bool Flag(string column) => Convert.ToBoolean(this[column]);
}

/// <summary>What may be read of a ledger by those who check it; whichever database it is on.</summary>
internal interface ILedgerContents
{
    /// <summary>The rows of a table, of one household or of all, in the order in which they were written where the database knows it.</summary>
    IReadOnlyList<LedgerRow> Rows(string table, HouseholdId? household = null);
}
