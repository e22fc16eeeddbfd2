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
            var surplus = await ledger.CountAsync($"SELECT (SELECT count(*) FROM [view:{view}]) - (SELECT count(*) FROM [{view}])", cancellation);
            // Nothing stands twice in documents, or other checks say so: where nothing is hidden and nothing is too much, both are the same.
            if (hidden != 0 || surplus != 0)
                offending.Add(("view", view), ("hides", hidden), ("surplus", surplus));
        }
        return new CheckResult(Invariant.Replay, Name, Says, offending.ToFinding());
    }
}
