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
        var refunded = await RefundedAsync(businessDate, places, cancellation);
        var (claimed, claimedBack) = await ClaimedAsync(businessDate, places, cancellation);
        var draws = LineMatch.Run(recorded, claimed, places, random);
        var refunds = LineMatch.Run(refunded, claimedBack, places, random).OfRefunds();
        var run = await store.ReplaceAsync(businessDate, actor, calendar.Today, draws, refunds, places, cancellation);
        LogRun(
            logger, run.RunId, businessDate, run.Totals.Recorded, run.Totals.Claimed, run.Refunds.Recorded, draws.Breaks.Length + refunds.Breaks.Length,
            (long)time.GetElapsedTime(began).TotalMilliseconds);
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

    private async Task<LineColumns> RefundedAsync(DateOnly businessDate, Places places, CancellationToken cancellation)
    {
        var columns = new LineColumns(recorded: true);
        await foreach (var line in disbursements.RefundsOfAsync(businessDate, cancellation).WithCancellation(cancellation))
        {
            if (line.RefundedOn != businessDate)
                throw new InvalidOperationException($"A line refunded on {line.RefundedOn:O} is none of {businessDate:O}.");
            // The ledger dates a refund when it takes it: none is late.
            columns.Add(
                line.Transaction.Value, line.Programme.Value, places.NumberOf(line.Merchant, line.Terminal), line.Quantity, line.CitizenGetsMinor, line.SubsidyMinor, isLate: false);
        }
        return columns;
    }

    private async Task<(LineColumns Draws, LineColumns Refunds)> ClaimedAsync(DateOnly businessDate, Places places, CancellationToken cancellation)
    {
        var (draws, refunds) = (new LineColumns(recorded: false), new LineColumns(recorded: false));
        var cutOff = calendar.StartOf(businessDate.AddDays(1)).AddMinutes(options.Value.GraceMinutes);
        await foreach (var line in ledgers.LinesOfAsync(businessDate, cancellation).WithCancellation(cancellation))
        {
            (line.IsRefund ? refunds : draws).Add(
                line.Transaction.Value, line.Programme.Value, places.NumberOf(line.Merchant, line.Terminal), line.Quantity, line.CitizenPaidMinor, 0,
                isLate: line.ReceivedAt >= cutOff);
        }
        return (draws, refunds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} reconciled {BusinessDate}: {Recorded} recorded, {Claimed} claimed, {Refunds} refunded, {Breaks} breaks, {ElapsedMs} ms")]
    private static partial void LogRun(ILogger logger, long runId, DateOnly businessDate, long recorded, long claimed, long refunds, int breaks, long elapsedMs);
}
