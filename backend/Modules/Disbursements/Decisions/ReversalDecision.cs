using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>A genuine reversal advice.</summary>
/// <param name="Rules">Those of the record's date.</param>
internal sealed record Advice(SignedRecord Signed, TerminalStanding Terminal, ReversalReason Reason, ProgrammeRules Rules, DateTimeOffset ReceivedAt);

/// <summary>
/// Undoes what is in doubt. A draw that was approved is undone by opposite movements; one that never came finds a tombstone if it
/// still comes. Either way the advice may be repeated as often as it takes.
/// </summary>
internal static class ReversalDecision
{
    public static ReversalResult Decide(Advice advice, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var record = advice.Signed.Record;
        if (state.OccupantAt(record.Card, record.Atc.Value) is not { } occupant)
            return Bury(advice, state, today, ids);
        if (!advice.Signed.ContentHash().AsSpan().SequenceEqual(occupant.ContentHash.Span))
        {
            state.Changes.Cases.Add(new FraudCase(FraudKind.AtcReplayed, state.Household, advice.Signed, advice.Terminal, today, advice.ReceivedAt));
            return ReversalResult.Refused;
        }
        if (occupant.Status != OccupantStatus.Approved)
            return ReversalResult.NothingToUndo;
        // Whose goods came back was handed over, and is in no doubt.
        if (occupant.Goods is { Refunds.Count: > 0 })
            return ReversalResult.Refused;
        if (!occupant.IsReversed)
            Undo(advice, occupant, state, today, ids);
        return ReversalResult.Undone;
    }

    private static void Undo(Advice advice, Occupant occupant, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        Invariant.Holds(occupant.Movements.Count > 0, "an approved disbursement has movements");
        var entry = ids.Next();
        var day = Yyyymmdd.Of(advice.Signed.Record.Date);
        foreach (var movement in Postings.OfReversal(occupant.Movements, state.Household, entry))
        {
            state.Apply(movement);
            if (movement.Credit.Kind == AccountKind.Household)
                GiveDayBack(state.BalanceOf(movement.Quota, movement.Period), day, movement.Amount);
        }
        state.Reverse(occupant, new ReversalEntry(
            entry, occupant.Card, occupant.Atc, occupant.Entry, advice.Reason, advice.Terminal.Terminal, today, advice.ReceivedAt));
    }

    /// <summary>A day's draws that were undone leave room for others on that day.</summary>
    public static void GiveDayBack(Balance balance, int day, long amount)
    {
        if (balance.Day == day)
            balance.DayConsumed = Math.Max(0, balance.DayConsumed - amount);
    }

    private static ReversalResult Bury(Advice advice, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var record = advice.Signed.Record;
        // A copied card's draw must not get by unseen because its reversal came first.
        if (DrawDecision.IsForked(advice.Signed, state))
            state.Changes.Cases.Add(new FraudCase(FraudKind.ChainForked, state.Household, advice.Signed, advice.Terminal, today, advice.ReceivedAt));
        var entry = ids.Next();
        var outcome = OutcomeCodec.Encode(new DrawOutcome.Declined(record.TransactionId, DeclineReason.AlreadyReversed, Quota: null, Available: 0, FraudCase: false));
        var tombstone = new Occupant(
            record.Card, record.Atc, OccupantStatus.Tombstone, entry, advice.Signed.ContentHash(), record.PreviousChain, advice.Signed.Chain(), outcome)
        {
            Goods = new GoodsHandedOver(advice.Terminal.Merchant, ReadOnlyMemory<byte>.Empty, []),
        };
        state.Occupy(tombstone, new DisbursementEntry(
            tombstone, DeclineReason.AlreadyReversed, advice.Signed, ReadOnlyMemory<byte>.Empty, advice.Terminal.Merchant, advice.Terminal.Outlet, today,
            advice.ReceivedAt, [], SubsidyMinor: 0, CitizenPaysMinor: 0));
        if (record.Kind == CryptogramKind.Offline)
            GiveBack(advice, state, entry);
        return ReversalResult.NothingToUndo;
    }

    /// <summary>
    /// The card has counted an offline draw as spent, and now nobody will ever present it: what was reserved for it goes back to the household.
    /// </summary>
    private static void GiveBack(Advice advice, HouseholdState state, long entry)
    {
        short ordinal = 0;
        foreach (var draw in advice.Signed.Record.Draws)
        {
            if (!advice.Rules.Programmes.TryGetValue(draw.Programme, out var programme) || programme.Unit != draw.Unit)
                continue;
            var rule = advice.Rules.QuotaOf(programme.Quota);
            var allowance = state.AllowanceOf(advice.Signed.Record.Card, rule.Code, rule.PeriodOf(advice.Signed.Record.Date));
            var amount = Math.Min(draw.Quantity, allowance.Outstanding);
            if (amount > 0)
            {
                state.Apply(new Movement(
                    entry, ordinal++, Undoes: null, Account.Card(allowance.Card), Account.Household(state.Household), rule.Code, allowance.Period, rule.Unit, amount));
            }
        }
    }
}
