using Dapper;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.PeriodEnds;

/// <summary>
/// Gives allowances of past periods back that no card can spend any more: nothing stays lent for ever. Bucket by bucket. It can be stopped anywhere and run by
/// several processes at once: what is outstanding is looked at under the household's version, and the second finds nothing.
/// </summary>
internal sealed class AllowanceExpiries(IDbConnectionFactory database, LedgerPath path, IProgrammes programmes, RecordClock clock, ILogger<AllowanceExpiries> logger)
{
    /// <summary>Longer than any policy lets a record wait.</summary>
    private const int MonthsBackMax = 24;

    private readonly string _unspent = $"""
        SELECT household, card, quota, period FROM {database.Table(DisbursementsDbContext.SchemaName, "allowances")}
        WHERE bucket = @bucket AND period <= @period AND settled < granted ORDER BY bucket, card, period, quota LIMIT {HouseholdPages.Length}
        """;

    /// <summary>How many households got something back.</summary>
    public async Task<int> ExpireAsync(CancellationToken cancellation)
    {
        if (LastLapsed() is not { } period)
            return 0;
        await using var pages = new HouseholdPages(path, logger);
        var changed = 0;
        for (short bucket = 0; bucket < HouseholdId.Buckets; bucket++)
            changed += await ExpireAsync(pages, bucket, period, cancellation);
        return changed;
    }

    /// <summary>The latest period of which no record is taken any more; null where records may be older than anybody looks back.</summary>
    private PeriodId? LastLapsed()
    {
        for (var back = 1; back <= MonthsBackMax; back++)
        {
            var today = clock.SettledToday(programmes);
            var period = PeriodId.MonthOf(today.AddMonths(-back));
            if (AllowanceExpiry.HasLapsed(period, programmes, today))
                return period;
        }
        return null;
    }

    private async Task<int> ExpireAsync(HouseholdPages pages, short bucket, PeriodId period, CancellationToken cancellation)
    {
        var changed = 0;
        while (true)
        {
            var page = await UnspentAsync(bucket, period, cancellation);
            var now = clock.UtcNow;
            var here = await pages.WriteAsync([.. page.Select(unspent => WorkOf(unspent, now))], cancellation);
            changed += here;
            // None changed: what is left cannot be given back, which is in the log.
            if (page.Count < HouseholdPages.Length || here == 0)
                return changed;
        }
    }

    private HouseholdWork WorkOf(UnspentAllowance unspent, DateTimeOffset now)
    {
        var unit = programmes.RulesOn(unspent.Period.LastDay).QuotaOf(unspent.Quota).Unit;
        return new HouseholdWork(
            new LedgerKey(unspent.Household, [unspent.Period], unspent.Card),
            (state, ids) => AllowanceExpiry.Decide(unspent, unit, state, ids, now));
    }

    private async Task<IReadOnlyList<UnspentAllowance>> UnspentAsync(short bucket, PeriodId period, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(long Household, long Card, int Quota, int Period)>(
            new CommandDefinition(_unspent, new { bucket, period = period.Value }, cancellationToken: cancellation));
        return [.. rows.Select(row => new UnspentAllowance(
            new HouseholdId(row.Household), LedgerRows.CardOf(row.Card), new PeriodId(row.Period), new QuotaCode((ushort)row.Quota)))];
    }
}
