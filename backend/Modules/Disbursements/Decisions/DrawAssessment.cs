using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>A genuine record with everything that was looked up for it, before its household's turn.</summary>
/// <param name="Household">The shape on the record's date; null where the registry has none.</param>
/// <param name="Rules">Those of the record's date.</param>
/// <param name="BlockedAt">When the card was blocked or replaced; asked for offline records alone.</param>
internal sealed record Draw(
    SignedRecord Signed, IReadOnlyList<BasketLine> Lines, TerminalStanding Terminal, CardStanding Card, HouseholdShape? Household, ProgrammeRules Rules,
    CountryProfile Profile, DateTimeOffset ReceivedAt, DateTimeOffset? BlockedAt)
{
    public TransactionRecord Record => Signed.Record;

    /// <summary>The card said so under its signature; what the caller calls it does not matter.</summary>
    public bool IsOffline => Record.Kind == CryptogramKind.Offline;
}

/// <summary>What can be said of a draw without the household's balances.</summary>
/// <param name="Refusal">The first reason that applies, of 10 to 20; null where none does.</param>
internal sealed record DrawAssessment(DeclineReason? Refusal, IReadOnlyList<ProgrammeShare> Shares, IReadOnlyList<CapShare> Caps)
{
    /// <summary>
    /// The checks in the order of <see cref="DeclineReason"/>, a line each. An offline draw was handed over already, by a merchant who could not
    /// ask: what only the backend could have known (a block, a suspension, a household's standing) is no reason against it.
    /// </summary>
    public static DrawAssessment Of(Draw draw, RecordClock clock)
    {
        var (record, card, terminal) = (draw.Record, draw.Card, draw.Terminal);
        if (record.Kind == CryptogramKind.Declined)
            return Refused(DeclineReason.CardDeclined);
        if (card.State < CardState.Active)
            return Refused(DeclineReason.CardNotActive);
        if (!draw.IsOffline && card.State == CardState.Blocked)
            return Refused(DeclineReason.CardBlocked);
        if (!draw.IsOffline && card.State == CardState.Replaced)
            return Refused(DeclineReason.CardReplaced);
        if (!draw.IsOffline && terminal.MerchantSuspended)
            return Refused(DeclineReason.MerchantSuspended);
        if (!record.Draws.All(share => terminal.Programmes.Contains(share.Programme)))
            return Refused(DeclineReason.MerchantNotAllowed);
        if (!IsInTime(draw, clock))
            return Refused(DeclineReason.DateOutOfRange);

        var basket = BasketAssessment.Of(record, draw.Lines, draw.Rules, draw.Profile.Currency);
        if (basket is BasketAssessment.Refused refused)
            return Refused(refused.Reason);
        var sound = (BasketAssessment.Sound)basket;
        if (!draw.IsOffline && !sound.Shares.All(share => IsAdmitted(draw.Household, share)))
            return Refused(DeclineReason.HouseholdNotEntitled);
        return new DrawAssessment(null, sound.Shares, sound.Caps);
    }

    private static bool IsInTime(Draw draw, RecordClock clock) => draw.IsOffline
        ? clock.IsPresentable(draw.Record, draw.Rules.Offline, draw.ReceivedAt)
        : clock.IsNow(draw.Record, draw.Rules.Offline, draw.ReceivedAt);

    /// <summary>What was credited to a household is its own, whether it is admitted to anything or not.</summary>
    private static bool IsAdmitted(HouseholdShape? household, ProgrammeShare share) =>
        household is not null && (share.Quota.IsCredited || household.Programmes.Contains(share.Programme.Value));

    private static DrawAssessment Refused(DeclineReason reason) => new(reason, [], []);
}
