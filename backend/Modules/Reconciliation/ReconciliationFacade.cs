using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Reporting;
using SmartCard.Backend.Reconciliation.Running;

namespace SmartCard.Backend.Reconciliation;

internal sealed class ReconciliationFacade(DateRunner runner, RunStore store, ReportSource reports) : IReconciliation
{
    private const int PageSizeMax = 500;

    public Task<ReconciliationRun> RunAsync(DateOnly businessDate, string actor, CancellationToken cancellation) => runner.RunAsync(businessDate, actor, cancellation);

    public async Task<Report?> ReportAsync(long runId, ReportFormat format, string language, CancellationToken cancellation)
    {
        var breaksMax = format == ReportFormat.Text ? TextReport.BreaksMax : int.MaxValue;
        if (await reports.FindAsync(runId, breaksMax, cancellation) is not { } facts)
            return null;
        return format switch
        {
            ReportFormat.Text => new Report(TextReport.Write(facts, ReportWords.In(language)), "text/plain; charset=utf-8"),
            ReportFormat.Csv => new Report(CsvReport.Write(facts), "text/csv; charset=utf-8"),
            ReportFormat.Json => new Report(JsonReport.Write(facts), "application/json"),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Text, CSV or JSON."),
        };
    }

    public Task<BreakPage?> BreaksAsync(long runId, long afterBreakId, int pageSize, CancellationToken cancellation) =>
        pageSize is >= 1 and <= PageSizeMax
            ? store.PageAsync(runId, afterBreakId, pageSize, cancellation)
            : throw new ArgumentOutOfRangeException(nameof(pageSize), pageSize, $"1 to {PageSizeMax}.");
}
