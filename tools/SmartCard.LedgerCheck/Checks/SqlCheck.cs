using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Checks;

/// <summary>A promise as a query for the rows that break it. Tables stand in brackets, and what stands inside documents too; where one is missing the check does not apply.</summary>
internal sealed record SqlCheck(Invariant Invariant, string Name, string Says, string Sql)
{
    public async Task<CheckResult> RunAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        var finding = ledger.WhyNot(Sql) is { } reason
            ? new Finding.NotApplicable(reason)
            : await FindAsync(ledger, rowsMax, cancellation);
        return new CheckResult(Invariant, Name, Says, finding);
    }

    private async Task<Finding> FindAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        var rows = new List<OffendingRow>();
        // One more than is shown says whether the rest has to be counted.
        await using (var command = ledger.Command($"SELECT * FROM ({Sql}) AS offending LIMIT {rowsMax + 1}"))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(new OffendingRow([.. Enumerable.Range(0, reader.FieldCount)
                    .Select(column => KeyValuePair.Create(reader.GetName(column), Shown.Of(reader.GetName(column), reader.GetValue(column))))]));
            }
        }
        if (rows.Count == 0)
            return new Finding.Held();
        var count = rows.Count <= rowsMax ? rows.Count : await ledger.CountAsync($"SELECT count(*) FROM ({Sql}) AS offending", cancellation);
        return new Finding.Broken(count, [.. rows.Take(rowsMax)]);
    }
}
