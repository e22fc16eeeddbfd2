using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What a card was lent in one period, found to be unspent.</summary>
internal sealed record UnspentAllowance(HouseholdId Household, CardNumber Card, PeriodId Period, QuotaCode Quota);

/// <summary>
/// Gives an allowance back to its household once the card can no longer spend it: the period is over, and so is the time in which its offline
/// records may be presented. Earlier it must not be given back, for the card may have spent it already.
/// </summary>
internal static class AllowanceExpiry
{
    /// <summary>True from the first day on which no record of the period is taken any more.</summary>
    public static bool HasLapsed(PeriodId period, IProgrammes programmes, DateOnly today) =>
        today > period.LastDay.AddDays(programmes.RulesOn(period.LastDay).Offline.RecordAgeDaysMax);

    /// <summary>Gives back what is outstanding; nothing where somebody else did.</summary>
    public static void Decide(UnspentAllowance unspent, QuantityUnit unit, HouseholdState state, IEntryIds ids, DateTimeOffset now)
    {
        var amount = state.AllowanceOf(unspent.Card, unspent.Quota, unspent.Period).Outstanding;
        if (amount == 0)
            return;
        var entry = ids.Next();
        state.Apply(new Movement(entry, Ordinal: 0, Undoes: null, Account.Card(unspent.Card), Account.Household(state.Household), unspent.Quota, unspent.Period, unit, amount));
        state.Changes.Expiries.Add(new ExpiryEntry(entry, unspent.Card, unspent.Quota, unspent.Period, amount, now));
    }
}
