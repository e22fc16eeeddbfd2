namespace SmartCard.LedgerCheck.Checks;

/// <summary>
/// What the ledger keeps against what follows from its entries, in both directions. A FULL JOIN says the same, but SQLite compares every row with every other for one; for two
/// LEFT JOINs it makes an index.
/// </summary>
internal static class BothWays
{
    /// <param name="columns">To be shown; of what both have, coalesce(kept, replayed).</param>
    /// <param name="kept">A table or query with its alias, here <c>k</c>.</param>
    /// <param name="replayed">Another, as <c>r</c>; both have a bucket.</param>
    /// <param name="on">Which rows are about the same.</param>
    /// <param name="differs">Of two such rows, whether they say different things.</param>
    public static string Sql(string columns, string kept, string replayed, string on, string differs) => $"""
        SELECT {columns} FROM {kept} AS k LEFT JOIN {replayed} AS r ON {on} WHERE r.bucket IS NULL OR {differs}
        UNION ALL
        SELECT {columns} FROM {replayed} AS r LEFT JOIN {kept} AS k ON {on} WHERE k.bucket IS NULL
        """;
}
