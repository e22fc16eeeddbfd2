namespace SmartCard.Backend.Disbursements.Tables;

/// <summary>How PostgreSQL keeps the tables that every draw writes. Nothing here changes what is in them.</summary>
internal static class LedgerStorage
{
    /// <summary>
    /// Evidence and documents: read with their row, never asked for by value. Statistics of them are never used, and sorting a sample of them is half of what
    /// an ANALYZE of the table costs.
    /// </summary>
    private static readonly IReadOnlyDictionary<string, string[]> NeverAskedBy = new Dictionary<string, string[]>
    {
        ["households"] = ["version", "state"],
        ["disbursements"] = ["content_hash", "chain_before", "chain_after", "record", "cryptogram", "signature", "basket", "lines", "outcome"],
    };

    public static IEnumerable<string> Statements(Func<string, string> nameOf)
    {
        // Every draw updates a household in place. Room is left in its page, so that an update stays there and touches no index; the next one there clears away what
        // the last left behind, so a VACUUM of the whole table finds little to do and need not come after every fifth household, as it would.
        yield return $"ALTER TABLE {nameOf("households")} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 1)";
        foreach (var (table, columns) in NeverAskedBy)
            yield return $"ALTER TABLE {nameOf(table)} {string.Join(", ", columns.Select(column => $"ALTER {column} SET STATISTICS 0"))}";
    }
}
