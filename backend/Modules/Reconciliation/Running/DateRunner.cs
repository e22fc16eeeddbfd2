using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Reconciliation.Running;

/// <summary>
/// Reconciles a date: reads both sides, matches them in memory, stores what came out. Nothing is locked while it reads: the day may go
/// on, and what comes later is in the next run.
/// </summary>
internal sealed partial class DateRunner(
    IDisbursements disbursements, IMerchantLedgers ledgers, RunStore store, BusinessCalendar calendar, IRandomSource random, TimeProvider time,
    IOptions<ReconciliationOptions> options, ILogger<DateRunner> logger)
{
    public async Task<ReconciliationRun> RunAsync(DateOnly businessDate, string actor, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var places = new Places();
        var recorded = await RecordedAsync(businessDate, places, cancellation);
        var claimed = await ClaimedAsync(businessDate, places, cancellation);
        var result = LineMatch.Run(recorded, claimed, places, random);
        var run = await store.ReplaceAsync(businessDate, actor, calendar.Today, result, places, cancellation);
        LogRun(logger, run.RunId, businessDate, run.Totals.Recorded, run.Totals.Claimed, result.Breaks.Length, (long)time.GetElapsedTime(began).TotalMilliseconds);
        return run;
    }

    private async Task<LineColumns> RecordedAsync(DateOnly businessDate, Places places, CancellationToken cancellation)
    {
        var columns = new LineColumns(recorded: true);
        await foreach (var line in disbursements.LinesOfAsync(businessDate, cancellation).WithCancellation(cancellation))
        {
            if (line.DrawnOn != businessDate)
                throw new InvalidOperationException($"A line drawn on {line.DrawnOn:O} is none of {businessDate:O}.");
            columns.Add(
                line.Transaction.Value, line.Programme.Value, places.NumberOf(line.Merchant, line.Terminal), line.Quantity, line.CitizenPaidMinor, line.SubsidyMinor,
                isLate: line.RecordedOn > businessDate);
        }
        return columns;
    }

    private async Task<LineColumns> ClaimedAsync(DateOnly businessDate, Places places, CancellationToken cancellation)
    {
        var columns = new LineColumns(recorded: false);
        var cutOff = calendar.StartOf(businessDate.AddDays(1)).AddMinutes(options.Value.GraceMinutes);
        await foreach (var line in ledgers.LinesOfAsync(businessDate, cancellation).WithCancellation(cancellation))
        {
            columns.Add(
                line.Transaction.Value, line.Programme.Value, places.NumberOf(line.Merchant, line.Terminal), line.Quantity, line.CitizenPaidMinor, 0,
                isLate: line.ReceivedAt >= cutOff);
        }
        return columns;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} reconciled {BusinessDate}: {Recorded} recorded, {Claimed} claimed, {Breaks} breaks, {ElapsedMs} ms")]
    private static partial void LogRun(ILogger logger, long runId, DateOnly businessDate, long recorded, long claimed, int breaks, long elapsedMs);
}
