using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// Lends part of an entitlement to a card that was just seen online, so that it can serve without a line. The movement
/// reserves what is lent: consumed + lent never exceeds the quota, whoever draws first. A card is never lent more than half of what is left
/// then, so that an outage that does not come costs no household its last draws online.
/// </summary>
internal static class Lending
{
    /// <summary>Tops every programme's allowance up to the policy's; a script counter for each lending.</summary>
    public static void Lend(Draw draw, HouseholdState state, IEntryIds ids)
    {
        var household = draw.Household!;
        foreach (var programme in draw.Rules.InOrder)
        {
            if (!household.Programmes.Contains(programme.Code.Value))
                continue;
            var rule = draw.Rules.QuotaOf(programme.Quota);
            var allowance = state.AllowanceOf(draw.Record.Card, rule.Code, rule.PeriodOf(draw.Record.Date));
            var left = Limits.AvailableIn(draw.Record.Date, rule, household.Members, state);
            var target = Math.Min(TargetOf(rule, household.Members, draw.Record.Date, draw.Rules.Offline), (left + allowance.Outstanding) / 2);
            var amount = Math.Min(target - allowance.Outstanding, int.MaxValue - allowance.Granted);
            if (amount > 0 && state.MayLend)
                Lend(draw, rule, allowance, amount, state, ids);
        }
    }

    /// <summary>What the card should hold, in the quota's unit; 0 where nothing is lent of it.</summary>
    public static long TargetOf(QuotaRule rule, int members, DateOnly date, OfflinePolicy policy)
    {
        if (rule.IsCredited || rule.IsCap)
            return 0;
        return rule.Unit == QuantityUnit.MinorCurrency
            ? policy.GroceriesLentMinor
            : policy.BreadDaysLent * DailyShare(rule, members, date);
    }

    /// <summary>
    /// The scripts that carry to the card what it was lent in the record's period; the same numbers give the same scripts. Which of them the card has
    /// carried out already no record tells, and it does not matter: a script that came before changes nothing.
    /// </summary>
    public static IReadOnlyList<AllowanceGrant> GrantsOf(Draw draw, HouseholdState state)
    {
        if (draw.IsOffline || draw.Household is null)
            return [];
        var grants = new List<AllowanceGrant>(1);
        foreach (var programme in draw.Rules.InOrder)
        {
            var rule = draw.Rules.QuotaOf(programme.Quota);
            var allowance = state.AllowanceOf(draw.Record.Card, rule.Code, rule.PeriodOf(draw.Record.Date));
            if (allowance.ScriptCounter > 0)
                grants.Add(GrantOf(allowance, rule, draw.Household.Members, draw.Rules.Offline));
        }
        grants.Sort((one, other) => one.Counter.CompareTo(other.Counter));
        return grants;
    }

    private static AllowanceGrant GrantOf(LentAllowance allowance, QuotaRule rule, int members, OfflinePolicy policy)
    {
        var firstDay = allowance.Period.FirstDay;
        var cap = TargetOf(rule, members, firstDay, policy);
        if (rule.Unit == QuantityUnit.MinorCurrency)
            cap = Math.Min(cap, policy.ValueMinorMax);
        return new AllowanceGrant(
            allowance.Card, allowance.ScriptCounter, rule.Programme, rule.Unit, (uint)allowance.Period.Value, firstDay, allowance.Period.LastDay,
            (uint)allowance.Granted, (uint)Math.Min(cap, int.MaxValue));
    }

    private static void Lend(Draw draw, QuotaRule rule, LentAllowance allowance, long amount, HouseholdState state, IEntryIds ids)
    {
        var entry = ids.Next();
        state.BalanceOf(rule.Code, allowance.Period).Limit = rule.PeriodLimit(draw.Household!.Members, draw.Record.Date);
        state.Apply(new Movement(
            entry, Ordinal: 0, Undoes: null, Account.Household(state.Household), Account.Card(allowance.Card), rule.Code, allowance.Period, rule.Unit, amount));
        allowance.ScriptCounter = state.NextScriptCounter();
        state.Changes.Lendings.Add(new LendingEntry(
            entry, allowance.Card, allowance.ScriptCounter, rule.Code, allowance.Period, amount, allowance.Granted, draw.ReceivedAt));
    }

    private static long DailyShare(QuotaRule rule, int members, DateOnly date)
    {
        var days = DateTime.DaysInMonth(date.Year, date.Month);
        return (rule.PeriodLimit(members, date) + days - 1) / days;
    }
}
