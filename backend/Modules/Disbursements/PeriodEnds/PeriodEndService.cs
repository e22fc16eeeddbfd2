using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Programmes.Contracts;

namespace SmartCard.Backend.Disbursements.PeriodEnds;

/// <summary>
/// Looks every hour for what the calendar has made due: first allowances that nobody can spend any more, then the rests of past periods, for what came back is
/// part of a rest. Rollovers that were done before cost a look at their notes. Expiry notes nothing and looks at every household, so it is asked once a day.
/// </summary>
internal sealed partial class PeriodEndService(
    AllowanceExpiries expiries, PeriodRollovers rollovers, RecordClock clock, IProgrammes programmes, TimeProvider time, ILogger<PeriodEndService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>A start is busy enough.</summary>
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(FirstAfter, time, stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        DateOnly? expiredFor = null;
        do
        {
            try
            {
                var date = clock.SettledToday(programmes);
                var expired = expiredFor == date ? 0 : await expiries.ExpireAsync(stoppingToken);
                expiredFor = date;
                var credited = await rollovers.RollOverAsync(stoppingToken);
                if (expired + credited > 0)
                    LogDone(expired, credited);
            }
            catch (Exception failure) when (failure is DbException or LedgerUnavailableException)
            {
                LogLater(failure.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Allowances were given back to {Expired} households, rests of periods credited to {Credited}")]
    private partial void LogDone(int expired, int credited);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ends of periods have to wait an hour after {Failure}")]
    private partial void LogLater(string failure);
}
