using Microsoft.Extensions.Logging.Abstractions;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Backends;

/// <summary>
/// What a backend does at the ends of periods: gives back what cards can no longer spend, then turns rests of the month before into credits. The pages, decisions
/// and keys are the backend's own; which households are due it finds by SQL, here by reading rows.
/// </summary>
internal sealed class PeriodEnds(SimulatedWorld world, LedgerPath path, RecordClock clock)
{
    private readonly IProgrammes _programmes = world.Season.Programmes;

    /// <summary>How many households were changed.</summary>
    public async Task<int> SettleAsync()
    {
        await using var pages = new HouseholdPages(path, NullLogger.Instance);
        var expired = await pages.WriteAsync([.. Lapsed()], CancellationToken.None);
        var credited = 0;
        foreach (var rollover in Due())
            credited += await pages.WriteAsync([.. world.Registers.Households.Select(household => WorkOf(rollover, household))], CancellationToken.None);
        return expired + credited;
    }

    private IEnumerable<HouseholdWork> Lapsed()
    {
        var (today, now) = (clock.SettledToday(_programmes), clock.UtcNow);
        foreach (var row in world.Registers.Households.SelectMany(household => world.Contents.Rows("allowances", household)))
        {
            var period = new PeriodId((int)row.Long("period"));
            if (row.Long("settled") == row.Long("granted") || !AllowanceExpiry.HasLapsed(period, _programmes, today))
                continue;
            var unspent = new UnspentAllowance(new HouseholdId(row.Long("household")), LedgerRows.CardOf(row.Long("card")), period, new QuotaCode((ushort)row.Long("quota")));
            var unit = _programmes.RulesOn(period.LastDay).QuotaOf(unspent.Quota).Unit;
            yield return new HouseholdWork(new LedgerKey(unspent.Household, [period], unspent.Card), (state, ids) => AllowanceExpiry.Decide(unspent, unit, state, ids, now));
        }
    }

    private IEnumerable<Rollover> Due()
    {
        var today = clock.SettledToday(_programmes);
        var lastDay = new DateOnly(today.Year, today.Month, 1).AddDays(-1);
        foreach (var from in _programmes.RulesOn(lastDay).Quotas.Where(rule => rule.Unused is not null))
        {
            var to = _programmes.RulesOn(today).QuotaOf(from.Unused!.Credits);
            var target = to.DayLimit(members: 1, today) > 0 ? to.PeriodOf(today) : to.PeriodOf(to.PeriodOf(today).LastDay.AddDays(1));
            yield return new Rollover(from, to, from.Unused.CreditPerUnit, from.PeriodOf(lastDay), target);
        }
    }

    private HouseholdWork WorkOf(Rollover rollover, HouseholdId household)
    {
        var (members, now) = (world.Registers.MembersOf(household), clock.UtcNow);
        return new HouseholdWork(
            new LedgerKey(household, [rollover.Period, rollover.Target], Credit: rollover.CreditIdOf(household)),
            (state, ids) => RolloverDecision.Decide(rollover, members, state, ids, now));
    }
}
