using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>A credit of a quota that is not given by a household's shape, such as bread points.</summary>
internal sealed record Credit(Guid CreditId, HouseholdId Household, ProgrammeCode Programme, QuotaCode Quota, QuantityUnit Unit, PeriodId Period, long Amount, DateTimeOffset At);

internal static class CreditDecision
{
    /// <summary>False where the credit was recorded before.</summary>
    public static bool Decide(Credit credit, HouseholdState state, IEntryIds ids)
    {
        if (state.KnowsCredit(credit.CreditId))
            return false;
        var entry = ids.Next();
        state.Apply(new Movement(
            entry, Ordinal: 0, Undoes: null, Account.Fund(credit.Programme), Account.Household(credit.Household), credit.Quota, credit.Period, credit.Unit, credit.Amount));
        state.Credit(new CreditEntry(entry, credit.CreditId, credit.Quota, credit.Period, credit.Amount, credit.At));
        return true;
    }
}
