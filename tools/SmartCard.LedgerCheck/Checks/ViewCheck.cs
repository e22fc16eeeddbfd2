using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Checks;

/// <summary>Reports and auditors ask the views. They have to show what stands in the documents, no more and no less.</summary>
internal static class ViewCheck
{
    private const string Name = "views-agree";
    private const string Says = "The views over households' documents and disbursements' lines show what stands in them.";

    public static async Task<CheckResult> RunAsync(LedgerDatabase ledger, int rowsMax, CancellationToken cancellation)
    {
        if (ledger.HasUnreadableDocuments)
            return new CheckResult(Invariant.Replay, Name, Says, new Finding.NotApplicable("a view over a document that cannot be read cannot be read either"));
        var offending = new OffendingRows(rowsMax);
        foreach (var (view, documents) in DocumentRows.All.Where(one => one.Value.HasView))
        {
            if (!ledger.HasView(view))
            {
                offending.Add(("view", view), ("differs", "missing"));
                continue;
            }
            var hidden = await ledger.CountAsync($"SELECT count(*) FROM (SELECT {documents.Columns} FROM [{view}] EXCEPT SELECT {documents.Columns} FROM [view:{view}]) AS hidden", cancellation);
            var invented = await ledger.CountAsync($"SELECT count(*) FROM (SELECT {documents.Columns} FROM [view:{view}] EXCEPT SELECT {documents.Columns} FROM [{view}]) AS invented", cancellation);
            if (hidden + invented > 0)
                offending.Add(("view", view), ("hides", hidden), ("invents", invented));
        }
        return new CheckResult(Invariant.Replay, Name, Says, offending.ToFinding());
    }
}
