using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What became of a draw, and whether the record before it decided so.</summary>
/// <param name="IsUndone">A reversal came since: the outcome stands, but the card is to be told no.</param>
/// <param name="Grants">What the card was lent in the record's period so far, for scripts.</param>
internal sealed record DrawDecision(DrawOutcome Outcome, ReadOnlyMemory<byte> OutcomeBytes, bool IsUndone, IReadOnlyList<AllowanceGrant> Grants)
{
    public bool IsApproved => Outcome is DrawOutcome.Approved && !IsUndone;

    /// <summary>
    /// Decides one draw against the household's state and, where it takes the (card, ATC), adds everything that follows to the state's changes.
    /// In the order of <see cref="DeclineReason"/>: idempotency (7, 8), chain (9), what needs no balance (10 to 20), limits (21 to 24).
    /// </summary>
    public static DrawDecision Decide(Draw draw, DrawAssessment assessment, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var record = draw.Record;
        if (state.OccupantAt(record.Card, record.Atc.Value) is { } occupant)
            return Repeated(draw, occupant, state, today);
        if (IsForked(draw.Signed, state))
            return Declined(draw, state, today, ids, Refuse(draw, DeclineReason.ChainForked), FraudKind.ChainForked);
        if (assessment.Refusal is { } reason)
            return Declined(draw, state, today, ids, Refuse(draw, reason), fraud: null);
        if (draw.IsOffline)
        {
            return Limits.OfAllowance(draw, assessment, state) is { } beyondAllowance
                ? Declined(draw, state, today, ids, beyondAllowance, FraudKind.BeyondAllowance)
                : Approved(draw, assessment, state, today, ids);
        }
        return Limits.OfEntitlement(draw, assessment, state) is { } beyond
            ? Declined(draw, state, today, ids, beyond, fraud: null)
            : Approved(draw, assessment, state, today, ids);
    }

    /// <summary>
    /// The first outcome of a (card, ATC) stands for ever. The same content gets its bytes, other content is a second card
    /// with the same keys, or somebody who tries.
    /// </summary>
    private static DrawDecision Repeated(Draw draw, Occupant occupant, HouseholdState state, DateOnly today)
    {
        if (draw.Signed.ContentHash().AsSpan().SequenceEqual(occupant.ContentHash.Span))
            return new DrawDecision(OutcomeCodec.Decode(occupant.Outcome), occupant.Outcome, occupant.IsReversed, Lending.GrantsOf(draw, state));
        state.Changes.Cases.Add(CaseOf(draw, FraudKind.AtcReplayed, state, today));
        var outcome = Refuse(draw, DeclineReason.AtcReplayed) with { FraudCase = true };
        return new DrawDecision(outcome, OutcomeCodec.Encode(outcome), IsUndone: false, []);
    }

    /// <summary>Only neighbours are compared: a torn transaction leaves a gap in the ATC, and a withheld record one in the chain.</summary>
    public static bool IsForked(SignedRecord signed, HouseholdState state)
    {
        var record = signed.Record;
        return (state.ChainAfter(record.Card, record.Atc.Value - 1) is { } before && before != record.PreviousChain)
            || (state.OccupantAt(record.Card, record.Atc.Value + 1) is { } after && after.ChainBefore != signed.Chain());
    }

    private static DrawDecision Declined(Draw draw, HouseholdState state, DateOnly today, IEntryIds ids, DrawOutcome.Declined outcome, FraudKind? fraud)
    {
        if (fraud is { } kind)
            state.Changes.Cases.Add(CaseOf(draw, kind, state, today));
        outcome = outcome with { FraudCase = fraud is not null };
        var bytes = OutcomeCodec.Encode(outcome);
        Occupy(draw, state, today, OccupantStatus.Declined, ids.Next(), outcome.Reason, bytes, [], [], subsidyMinor: 0, citizenPaysMinor: 0);
        return new DrawDecision(outcome, bytes, IsUndone: false, []);
    }

    private static DrawDecision Approved(Draw draw, DrawAssessment assessment, HouseholdState state, DateOnly today, IEntryIds ids)
    {
        var entry = ids.Next();
        var movements = Postings.OfDraw(draw, assessment, state, entry);
        foreach (var movement in movements)
            state.Apply(movement);
        Limits.CountDay(draw, assessment, state);
        if (draw.IsOffline && draw.BlockedAt is not null)
            state.Changes.Cases.Add(CaseOf(draw, FraudKind.OfflineAfterBlock, state, today));
        if (!draw.IsOffline)
            Lending.Lend(draw, state, ids);

        var (subsidy, citizenPays) = (0L, 0L);
        foreach (var share in assessment.Shares)
            (subsidy, citizenPays) = (subsidy + share.SubsidyMinor, citizenPays + share.CitizenPaysMinor);
        Invariant.Holds(citizenPays == draw.Record.AmountMinor, "the citizen pays what the card signed");
        var outcome = new DrawOutcome.Approved(draw.Record.TransactionId, entry, draw.Record.Date, BalancesAfter(draw, assessment, state), subsidy, citizenPays);
        var bytes = OutcomeCodec.Encode(outcome);
        Occupy(draw, state, today, OccupantStatus.Approved, entry, reason: null, bytes, movements, LinesOf(assessment), subsidy, citizenPays);
        return new DrawDecision(outcome, bytes, IsUndone: false, Lending.GrantsOf(draw, state));
    }

    private static void Occupy(
        Draw draw, HouseholdState state, DateOnly today, OccupantStatus status, long entry, DeclineReason? reason, byte[] outcome,
        IReadOnlyList<Movement> movements, IReadOnlyList<DisbursementLine> lines, long subsidyMinor, long citizenPaysMinor)
    {
        var record = draw.Record;
        var basket = PackedBasket.Encode(draw.Lines);
        var occupant = new Occupant(record.Card, record.Atc, status, entry, draw.Signed.ContentHash(), record.PreviousChain, draw.Signed.Chain(), outcome)
        {
            Movements = movements,
            Goods = new GoodsHandedOver(draw.Terminal.Merchant, basket, []),
        };
        state.Occupy(occupant, new DisbursementEntry(
            occupant, reason, draw.Signed, basket, draw.Terminal.Merchant, draw.Terminal.Outlet, today, draw.ReceivedAt, lines, subsidyMinor, citizenPaysMinor));
    }

    private static DisbursementLine[] LinesOf(DrawAssessment assessment)
    {
        var lines = new DisbursementLine[assessment.Shares.Count];
        for (var index = 0; index < lines.Length; index++)
        {
            var share = assessment.Shares[index];
            lines[index] = new DisbursementLine(share.Programme, share.Unit, share.Quantity, share.SubsidyMinor, share.CitizenPaysMinor);
        }
        return lines;
    }

    private static QuotaBalance[] BalancesAfter(Draw draw, DrawAssessment assessment, HouseholdState state)
    {
        var (members, date) = (draw.Household?.Members ?? 0, draw.Record.Date);
        var balances = new QuotaBalance[assessment.Shares.Count + assessment.Caps.Count];
        for (var index = 0; index < balances.Length; index++)
        {
            var caps = index - assessment.Shares.Count;
            balances[index] = Limits.BalanceOf(caps < 0 ? assessment.Shares[index].Quota : assessment.Caps[caps].Quota, members, date, state);
        }
        return balances;
    }

    private static DrawOutcome.Declined Refuse(Draw draw, DeclineReason reason) => new(draw.Record.TransactionId, reason, Quota: null, Available: 0, FraudCase: false);

    private static FraudCase CaseOf(Draw draw, FraudKind kind, HouseholdState state, DateOnly today) =>
        new(kind, state.Household, draw.Signed, draw.Terminal, today, draw.ReceivedAt);
}
