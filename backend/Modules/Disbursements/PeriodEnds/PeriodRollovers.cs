using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;

namespace SmartCard.Backend.Disbursements.PeriodEnds;

/// <summary>
/// Turns what was not drawn of past periods into credits, where the profile says so: unused bread into points. All registered households, page by page in the order
/// of their numbers, also those that never drew. It can be stopped anywhere and run by several processes at once (backend/docs/decisions/0007).
/// </summary>
internal sealed class PeriodRollovers(
    IDbConnectionFactory database, LedgerPath path, IProgrammes programmes, IRegistry registry, RecordClock clock, ILogger<PeriodRollovers> logger)
{
    /// <summary>What comes back of a period after so many months (an allowance, a reversed draw) lapses.</summary>
    private const int MonthsBackMax = 3;

    private readonly RolloverProgress _progress = new(database);

    /// <summary>How many households were credited.</summary>
    public async Task<int> RollOverAsync(CancellationToken cancellation)
    {
        var credited = 0;
        foreach (var rollover in Due())
            credited += await RollOverAsync(rollover, cancellation);
        return credited;
    }

    /// <summary>Oldest period first. A period is due when it is over and no draw with a line can be dated in it any more.</summary>
    public IEnumerable<Rollover> Due()
    {
        var today = clock.SettledToday(programmes);
        for (var back = MonthsBackMax; back > 0; back--)
        {
            var lastDay = PeriodId.MonthOf(today.AddMonths(-back)).LastDay;
            foreach (var from in programmes.RulesOn(lastDay).Quotas)
            {
                if (from.Unused is not { } unused)
                    continue;
                var to = programmes.RulesOn(today).QuotaOf(unused.Credits);
                yield return new Rollover(from, to, unused.CreditPerUnit, from.PeriodOf(lastDay), TargetOf(to, today));
            }
        }
    }

    /// <summary>The period in which the credit can still be spent: this one, or the next where this one's days for it are over.</summary>
    private static PeriodId TargetOf(QuotaRule to, DateOnly today)
    {
        var period = to.PeriodOf(today);
        return to.DayLimit(members: 1, today) > 0 ? period : to.PeriodOf(period.LastDay.AddDays(1));
    }

    private async Task<int> RollOverAsync(Rollover rollover, CancellationToken cancellation)
    {
        var credited = 0;
        await using var pages = new HouseholdPages(path, logger);
        var after = await _progress.FindAsync(rollover, cancellation);
        while (after is { } household)
        {
            var shapes = await registry.ListHouseholdsAsync(rollover.Period.LastDay, household, HouseholdPages.Length, cancellation);
            var now = clock.UtcNow;
            credited += await pages.WriteAsync([.. shapes.Where(shape => IsEntitled(shape, rollover.From)).Select(shape => WorkOf(rollover, shape, now))], cancellation);
            after = shapes.Count < HouseholdPages.Length ? null : shapes[^1].Household;
            // From where somebody was left out, the next run tries again.
            if (pages.LeftOut == 0)
                await _progress.NoteAsync(rollover, after ?? household, after is null ? now : null, cancellation);
        }
        return credited;
    }

    private static bool IsEntitled(HouseholdShape shape, QuotaRule rule) => shape.Members > 0 && shape.Programmes.Contains(rule.Programme.Value);

    private static HouseholdWork WorkOf(Rollover rollover, HouseholdShape shape, DateTimeOffset now) => new(
        new LedgerKey(shape.Household, [rollover.Period, rollover.Target], Credit: rollover.CreditIdOf(shape.Household)),
        (state, ids) => RolloverDecision.Decide(rollover, shape.Members, state, ids, now));
}
