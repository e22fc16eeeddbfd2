using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What a household may still draw: the limits of its shape, against what its balances say.</summary>
internal static class Limits
{
    /// <summary>Reasons 21 to 23, all programmes of a basket or none; null where it may be drawn.</summary>
    public static DrawOutcome.Declined? OfEntitlement(Draw draw, DrawAssessment assessment, HouseholdState state)
    {
        var (date, members) = (draw.Record.Date, draw.Household!.Members);
        foreach (var share in assessment.Shares)
        {
            if (share.Quantity > AvailableOn(date, share.Quota, members, state))
                return Beyond(draw, DeclineReason.OutsideDrawWindow, share.Quota, state);
        }
        foreach (var share in assessment.Shares)
        {
            if (share.Quantity > AvailableIn(date, share.Quota, members, state))
                return Beyond(draw, DeclineReason.BeyondEntitlement, share.Quota, state);
        }
        foreach (var cap in assessment.Caps)
        {
            if (cap.Amount > AvailableIn(date, cap.Quota, members, state))
                return Beyond(draw, DeclineReason.BeyondCap, cap.Quota, state);
        }
        return null;
    }

    /// <summary>Reason 24: an offline draw takes what was lent to its own card for that period, and no more.</summary>
    public static DrawOutcome.Declined? OfAllowance(Draw draw, DrawAssessment assessment, HouseholdState state)
    {
        foreach (var share in assessment.Shares)
        {
            var allowance = state.AllowanceOf(draw.Record.Card, share.Quota.Code, share.Quota.PeriodOf(draw.Record.Date));
            var spentOnCard = draw.Record.Draws.First(own => own.Programme == share.Programme).OfflineSpent;
            if (share.Quantity > allowance.Outstanding || spentOnCard > allowance.Granted)
                return new DrawOutcome.Declined(draw.Record.TransactionId, DeclineReason.BeyondAllowance, share.Quota.Code, allowance.Outstanding, FraudCase: false);
        }
        return null;
    }

    /// <summary>What the household's balance of a quota looks like from outside.</summary>
    public static QuotaBalance BalanceOf(QuotaRule rule, int members, DateOnly date, HouseholdState state)
    {
        var balance = state.BalanceOf(rule.Code, rule.PeriodOf(date));
        var available = Math.Min(AvailableIn(date, rule, members, state), AvailableOn(date, rule, members, state));
        return new QuotaBalance(rule.Code, rule.Programme, rule.Unit, balance.Period, LimitOf(rule, members, date, balance), balance.Consumed, balance.Lent, available);
    }

    /// <summary>
    /// What a household may draw of its card's allowance although it has a line: at a month's end its rest may lie lent, and it must not have to wait for an outage. Such a
    /// draw is the card's own, and is presented later; so what is judged here is what the backend would judge in a draw with a line and cannot in a record that is
    /// presented: the window. Nothing of a programme with caps, which a card does not count.
    /// </summary>
    public static long FromAllowanceOn(DateOnly date, QuotaRule rule, ProgrammeRules rules, int members, HouseholdState state)
    {
        if (members == 0 || rule.IsCap || rules.Quotas.Any(other => other.IsCap && other.Programme == rule.Programme))
            return 0;
        return Math.Min(state.BalanceOf(rule.Code, rule.PeriodOf(date)).Lent, AvailableOn(date, rule, members, state));
    }

    /// <summary>What is left of a period; never below 0, even where a household shrank after it had drawn.</summary>
    public static long AvailableIn(DateOnly date, QuotaRule rule, int members, HouseholdState state)
    {
        var balance = state.BalanceOf(rule.Code, rule.PeriodOf(date));
        return Math.Max(0, LimitOf(rule, members, date, balance) - balance.Consumed - balance.Lent);
    }

    /// <summary>Counts an approved draw on its day, and keeps the limit under which the balance last grew.</summary>
    public static void CountDay(Draw draw, DrawAssessment assessment, HouseholdState state)
    {
        var day = Yyyymmdd.Of(draw.Record.Date);
        foreach (var share in assessment.Shares)
        {
            var balance = state.BalanceOf(share.Quota.Code, share.Quota.PeriodOf(draw.Record.Date));
            if (day > balance.Day)
                (balance.Day, balance.DayConsumed) = (day, 0);
            if (day == balance.Day)
                balance.DayConsumed += share.Quantity;
        }
    }

    public static long LimitOf(QuotaRule rule, int members, DateOnly date, Balance balance) =>
        rule.PeriodLimit(members, date) + (rule.IsCredited ? balance.Credited : 0);

    /// <summary>
    /// What the draw window still lets through: of the day, and of the period until this evening. The window counts what was drawn; what is lent
    /// and unspent is reserved by the period's limit, and must not close tomorrow's window to a household that saw no outage.
    /// </summary>
    private static long AvailableOn(DateOnly date, QuotaRule rule, int members, HouseholdState state)
    {
        var (dayLimit, limitByEvening) = (rule.DayLimit(members, date), rule.LimitByEndOf(members, date));
        var isOpen = rule.IsCredited || limitByEvening >= rule.PeriodLimit(members, date);
        if (isOpen && dayLimit == long.MaxValue)
            return long.MaxValue;

        var balance = state.BalanceOf(rule.Code, rule.PeriodOf(date));
        var day = Yyyymmdd.Of(date);
        // The balance knows its latest day only: a draw dated before it (clocks differ around midnight) finds the window shut, for what
        // was drawn on the older day is not known here any more.
        if (day < balance.Day)
            return 0;
        var ofDay = dayLimit == long.MaxValue ? long.MaxValue : dayLimit - (day == balance.Day ? balance.DayConsumed : 0);
        var ofPeriod = isOpen ? long.MaxValue : limitByEvening - balance.Consumed;
        return Math.Max(0, Math.Min(ofDay, ofPeriod));
    }

    private static DrawOutcome.Declined Beyond(Draw draw, DeclineReason reason, QuotaRule rule, HouseholdState state)
    {
        var available = BalanceOf(rule, draw.Household!.Members, draw.Record.Date, state).AvailableNow;
        return new DrawOutcome.Declined(draw.Record.TransactionId, reason, rule.Code, available, FraudCase: false);
    }
}
