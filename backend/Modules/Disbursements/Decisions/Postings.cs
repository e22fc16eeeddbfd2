using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
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
    /// What a refund gives back: per programme the quantity, from the merchant to the household, and the subsidy, to the fund; per cap what it took. Each names
    /// the draw's entry. An offline draw may have taken less of a cap than its goods count, and never gives back more than it took.
    /// </summary>
    public static IReadOnlyList<Movement> OfRefund(Occupant drawn, IReadOnlyList<ProgrammeShare> shares, IReadOnlyList<CapShare> caps, HouseholdId owner, long entry)
    {
        var left = LeftOf(drawn);
        var movements = new List<Movement>((2 * shares.Count) + caps.Count);
        foreach (var share in shares)
        {
            Invariant.Holds(Add(share.Quota.Code, share.Unit, isFunds: false, share.Quantity) == share.Quantity, "no more is refunded than was drawn");
            Invariant.Holds(Add(share.Quota.Code, QuantityUnit.MinorCurrency, isFunds: true, share.SubsidyMinor) == share.SubsidyMinor, "no more subsidy is refunded than was given");
        }
        foreach (var cap in caps)
            Add(cap.Quota.Code, cap.Quota.Unit, isFunds: false, cap.Amount);
        return movements;

        long Add(QuotaCode quota, QuantityUnit unit, bool isFunds, long amount)
        {
            var source = left.FirstOrDefault(movement => movement.Quota == quota && movement.Unit == unit && (movement.Debit.Kind == AccountKind.Fund) == isFunds);
            var back = Math.Min(amount, source.Amount);
            if (back > 0)
                movements.Add(Opposite(source, owner, entry) with { Ordinal = (short)movements.Count, Amount = back });
            return back;
        }
    }

    /// <summary>A draw's movements less what was refunded of each.</summary>
    private static List<Movement> LeftOf(Occupant drawn)
    {
        var back = drawn.Goods?.Refunds.SelectMany(refund => refund.Movements).ToArray() ?? [];
        var left = new List<Movement>(drawn.Movements.Count);
        foreach (var movement in drawn.Movements)
        {
            var refunded = back.Where(own => own.Quota == movement.Quota && own.Unit == movement.Unit && (own.Credit.Kind == AccountKind.Fund) == (movement.Debit.Kind == AccountKind.Fund)).Sum(own => own.Amount);
            if (refunded < movement.Amount)
                left.Add(movement with { Amount = movement.Amount - refunded });
        }
        return left;
    }

    /// <summary>
    /// The opposite of each movement, naming the entry that it undoes. Goods of an offline draw go back to the household, not to the
    /// card: the card has counted them as spent and cannot spend them again.
    /// </summary>
    public static IReadOnlyList<Movement> OfReversal(IReadOnlyList<Movement> undone, HouseholdId household, long entry) =>
        [.. undone.Select(movement => Opposite(movement, household, entry))];

    private static Movement Opposite(Movement movement, HouseholdId household, long entry) => movement with
    {
        Entry = entry,
        Undoes = movement.Entry,
        Debit = movement.Credit,
        Credit = movement.Debit.Kind == AccountKind.Card ? Account.Household(household) : movement.Debit,
    };

    private static void RaiseLimit(Draw draw, Programmes.Contracts.QuotaRule rule, HouseholdState state)
    {
        var balance = state.BalanceOf(rule.Code, rule.PeriodOf(draw.Record.Date));
        balance.Limit = Math.Max(Limits.LimitOf(rule, draw.Household?.Members ?? 0, draw.Record.Date, balance), balance.Consumed + balance.Lent);
    }
}
