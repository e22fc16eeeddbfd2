using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// Lends part of an entitlement to a card that was just seen online, so that it can serve without a line. The movement
/// reserves what is lent: consumed + lent never exceeds the quota, whoever draws first.
/// </summary>
internal static class Lending
{
    /// <summary>Tops every programme's allowance up to the policy's, as far as the entitlement reaches; a script counter for each.</summary>
    public static void Lend(Draw draw, HouseholdState state, IEntryIds ids)
    {
        var household = draw.Household!;
        foreach (var programme in draw.Rules.Programmes.Values.OrderBy(programme => programme.Code))
        {
            if (!household.Programmes.Contains(programme.Code.Value))
                continue;
            var rule = draw.Rules.QuotaOf(programme.Quota);
            var allowance = state.AllowanceOf(draw.Record.Card, rule.Code, rule.PeriodOf(draw.Record.Date));
            var wanted = Math.Min(TargetOf(rule, household.Members, draw.Record.Date, draw.Rules.Offline), int.MaxValue - allowance.Granted) - allowance.Outstanding;
            var amount = Math.Min(wanted, Limits.AvailableIn(draw.Record.Date, rule, household.Members, state));
            if (amount > 0)
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

    /// <summary>The script that carries a card's allowance; the same numbers give the same script.</summary>
    public static AllowanceGrant ScriptOf(Allowance allowance, QuotaRule rule, int members, OfflinePolicy policy)
    {
        var firstDay = allowance.Period.FirstDay;
        var cap = TargetOf(rule, members, firstDay, policy);
        if (rule.Unit == QuantityUnit.MinorCurrency)
            cap = Math.Min(cap, policy.ValueMinorMax);
        return new AllowanceGrant(
            allowance.Card, allowance.ScriptCounter, rule.Programme, rule.Unit, (uint)allowance.Period.Value, firstDay, allowance.Period.LastDay,
            (uint)allowance.Granted, (uint)Math.Min(cap, int.MaxValue));
    }

    private static void Lend(Draw draw, QuotaRule rule, Allowance allowance, long amount, HouseholdState state, IEntryIds ids)
    {
        var entry = ids.Next();
        state.BalanceOf(rule.Code, allowance.Period).Limit = rule.PeriodLimit(draw.Household!.Members, draw.Record.Date);
        state.Apply(new Movement(
            entry, Ordinal: 0, Undoes: null, Account.Household(state.Household), Account.Card(allowance.Card), rule.Code, allowance.Period, rule.Unit, amount));
        allowance.ScriptCounter = state.NextScriptCounter(allowance.Card);
        state.Changes.Lendings.Add(new LendingEntry(
            entry, allowance.Card, allowance.ScriptCounter, rule.Code, allowance.Period, amount, allowance.Granted, draw.ReceivedAt));
    }

    private static long DailyShare(QuotaRule rule, int members, DateOnly date)
    {
        var days = DateTime.DaysInMonth(date.Year, date.Month);
        return (rule.PeriodLimit(members, date) + days - 1) / days;
    }
}
