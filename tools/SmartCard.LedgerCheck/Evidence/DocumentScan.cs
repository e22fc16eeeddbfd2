using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>
/// One pass over all households' documents. SQL reads them after it, and would stop at one that is none: the ledger leaves out those that are found here, and their balances are
/// missing then wherever they are looked for.
/// </summary>
internal static class DocumentScan
{
    public static async Task<CheckResult> RunAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        var offending = new OffendingRows(rowsMax);
        await using var command = ledger.Command("SELECT bucket, household, state FROM [households]");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (bucket, household) = (reader.GetInt16(0), reader.GetInt64(1));
            if (WhatIsWrong(reader.GetString(2), out var isReadable) is not { } what)
                continue;
            offending.Add(("bucket", bucket), ("household", household), ("differs", what));
            if (!isReadable)
                ledger.LeaveOutHousehold(bucket, household);
        }
        return new CheckResult(
            Invariant.Replay, "document-shape",
            "A household's document has all parts, each row its numbers and none below zero, nothing twice, and nothing open of a time that it says is closed.", offending.ToFinding());
    }

    private static string? WhatIsWrong(string text, out bool isReadable)
    {
        isReadable = false;
        try
        {
            var household = StoredHousehold.Read(text);
            isReadable = true;
            return household.WhatIsWrong();
        }
        catch (DocumentShapeException shape)
        {
            return shape.Message;
        }
    }
}
