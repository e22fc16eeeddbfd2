using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Queries;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;

namespace SmartCard.Backend.Disbursements;

/// <summary>
/// Looks once a business day for allowances of past periods that no card can spend any more, and gives them back. Can be stopped anywhere and run by several
/// processes at once: each return goes through its household's shard, which finds nothing left the second time.
/// </summary>
internal sealed partial class AllowanceReturns(
    LedgerPath path, LedgerQueries queries, IProgrammes programmes, BusinessCalendar calendar, TimeProvider time, ILogger<AllowanceReturns> logger) : BackgroundService
{
    private const int PageLength = 1_000;

    /// <summary>A backend that was down for longer leaves older ones unreturned; they are worth nothing to anybody by then.</summary>
    private const int PeriodsBackMax = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private DateOnly _lookedOn;

    /// <summary>How many were given back.</summary>
    public async Task<int> ReturnAsync(CancellationToken cancellation)
    {
        var today = calendar.Today;
        var returned = 0;
        for (var back = PeriodsBackMax; back > 0; back--)
        {
            var date = today.AddMonths(-back);
            foreach (var period in programmes.RulesOn(date).PeriodsOf(date))
            {
                if (AllowanceReturn.HasLapsed(period, programmes, today))
                    returned += await ReturnAsync(period, cancellation);
            }
        }
        _lookedOn = today;
        return returned;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                var returned = _lookedOn == calendar.Today ? 0 : await ReturnAsync(stoppingToken);
                if (returned > 0)
                    LogReturned(returned);
            }
            catch (Exception failure) when (failure is DbException or LedgerUnavailableException)
            {
                LogLater(failure.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<int> ReturnAsync(PeriodId period, CancellationToken cancellation)
    {
        var returned = 0;
        while (true)
        {
            var page = await queries.UnspentAsync(period, PageLength, cancellation);
            var answers = await Task.WhenAll(page.Select(unspent => path.AskPatientlyAsync(
                new ReturnLedgerRequest(unspent, programmes.RulesOn(period.LastDay).QuotaOf(unspent.Quota)), unspent.Household.Bucket, cancellation)));
            var here = answers.Count(answer => answer is { Amount: > 0 });
            returned += here;
            if (page.Count < PageLength || here == 0)
                return returned;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} allowances of past periods were given back to their households")]
    private partial void LogReturned(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Giving back allowances of past periods has to wait after {Failure}")]
    private partial void LogLater(string failure);
}
