using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Which movements a decision consists of.</summary>
internal static class Postings
{
    /// <summary>
    /// Per programme: the quantity, from the household (or, offline, from what its card was lent) to the merchant; the subsidy, from the fund to
    /// the merchant. Per cap: what it takes. What the citizen pays changes hands outside the ledger and stands in the line.
    /// </summary>
    public static IReadOnlyList<Movement> OfDraw(Draw draw, DrawAssessment assessment, HouseholdState state, long entry)
    {
        var movements = new List<Movement>((2 * assessment.Shares.Count) + assessment.Caps.Count);
        var household = Account.Household(state.Household);
        var merchant = Account.Merchant(draw.Terminal.Merchant);
        var source = draw.IsOffline ? Account.Card(draw.Record.Card) : household;
        foreach (var share in assessment.Shares)
        {
            var (quota, period) = (share.Quota.Code, share.Quota.PeriodOf(draw.Record.Date));
            if (!draw.IsOffline)
                RaiseLimit(draw, share.Quota, state);
            Add(source, merchant, quota, period, share.Unit, share.Quantity);
            Add(Account.Fund(share.Programme), merchant, quota, period, QuantityUnit.MinorCurrency, share.SubsidyMinor);
        }
        foreach (var cap in assessment.Caps)
        {
            // A card cannot count caps, so an offline draw takes of a cap what is left of it and is not declined for the rest.
            var left = Limits.AvailableIn(draw.Record.Date, cap.Quota, draw.Household?.Members ?? 0, state);
            RaiseLimit(draw, cap.Quota, state);
            Add(household, merchant, cap.Quota.Code, cap.Quota.PeriodOf(draw.Record.Date), cap.Quota.Unit, draw.IsOffline ? Math.Min(left, cap.Amount) : cap.Amount);
        }
        return movements;

        void Add(Account debit, Account credit, QuotaCode quota, PeriodId period, QuantityUnit unit, long amount)
        {
            if (amount > 0)
                movements.Add(new Movement(entry, (short)movements.Count, Undoes: null, debit, credit, quota, period, unit, amount));
        }
    }

    /// <summary>
    /// The opposite of each movement, naming the entry that it undoes. Goods of an offline draw go back to the household, not to the
    /// card: the card has counted them as spent and cannot spend them again.
    /// </summary>
    public static IReadOnlyList<Movement> OfReversal(IReadOnlyList<Movement> undone, HouseholdId household, long entry) =>
        [.. undone.Select(movement => movement with
        {
            Entry = entry,
            Undoes = movement.Entry,
            Debit = movement.Credit,
            Credit = movement.Debit.Kind == AccountKind.Card ? Account.Household(household) : movement.Debit,
        })];

    private static void RaiseLimit(Draw draw, Programmes.Contracts.QuotaRule rule, HouseholdState state)
    {
        var balance = state.BalanceOf(rule.Code, rule.PeriodOf(draw.Record.Date));
        balance.Limit = Math.Max(Limits.LimitOf(rule, draw.Household?.Members ?? 0, draw.Record.Date, balance), balance.Consumed + balance.Lent);
    }
}
