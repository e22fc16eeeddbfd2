using SmartCard.Backend.Cards.Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Issuance;

/// <summary>Something that is to be done to a card. Decides in memory on what the batch has read; the batch writes.</summary>
internal abstract class IssuanceCommand
{
    private readonly TaskCompletionSource<object> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private object? _outcome;

    /// <summary>What has to be read for it.</summary>
    public virtual CardNumber? Card => null;

    public virtual string? OrderId => null;

    public virtual HouseholdId? Household => null;

    public bool IsDone => _decided.Task.IsCompleted;

    public async Task<TOutcome> OutcomeAsync<TOutcome>() => (TOutcome)await _decided.Task;

    public void Decide(IssuanceBatch batch) => _outcome = DecideOn(batch);

    /// <summary>After commit.</summary>
    public void Answer() => _decided.TrySetResult(_outcome!);

    public void Fail(Exception exception) => _decided.TrySetException(exception);

    protected abstract object DecideOn(IssuanceBatch batch);

    protected static string NextStepAfter(CardFile card) => card.State switch
    {
        CardState.Ordered when !card.IsCertified => "The card is ordered: personalise it and have its keys certified.",
        CardState.Ordered => "The card's keys are certified: complete its personalisation.",
        CardState.Personalised => "The card is personalised: issue it.",
        CardState.Issued => "The card is issued: activate it.",
        CardState.Active => "The card is active: it can be blocked or replaced.",
        CardState.Blocked => "The card is blocked: it can only be replaced.",
        _ => "The card was replaced: use its successor.",
    };
}

internal sealed class OrderCommand(string orderId, HouseholdId household, bool householdExists, string actor) : IssuanceCommand
{
    public override string OrderId => orderId;

    public override HouseholdId? Household => household;

    protected override object DecideOn(IssuanceBatch batch)
    {
        if (batch.FindOrder(orderId) is { } known)
        {
            return known.Household == household && known.Replaces is null
                ? new CardOutcome.Done(known.Card, known.State)
                : new CardOutcome.Refused(CardRefusal.OrderDiffers, "This order id stands for another order: use a new one.");
        }
        if (!householdExists)
            return new CardOutcome.Refused(CardRefusal.UnknownHousehold, "Register the household first.");
        if (batch.FindCardOf(household) is not null)
            return new CardOutcome.Refused(CardRefusal.HouseholdHasCard, "Replace the household's card instead of ordering another.");
        var card = batch.Order(orderId, household, replaces: null, IssuerKeys.CurrentVersion, actor, "ordered");
        return new CardOutcome.Done(card.Card, card.State);
    }
}

/// <summary>A step that only moves the card on.</summary>
internal sealed class StepCommand(CardNumber number, CardStep step, string actor, string reason) : IssuanceCommand
{
    public override CardNumber? Card => number;

    protected override object DecideOn(IssuanceBatch batch)
    {
        if (batch.Find(number) is not { } card)
            return new CardOutcome.Refused(CardRefusal.UnknownCard, "Check the number; order the card first.");
        return batch.TryTake(card, step, actor, reason)
            ? new CardOutcome.Done(card.Card, card.State)
            : new CardOutcome.Refused(CardRefusal.WrongState, NextStepAfter(card));
    }
}

internal sealed class ReplaceCommand(string orderId, CardNumber number, string actor, string reason) : IssuanceCommand
{
    public override CardNumber? Card => number;

    public override string OrderId => orderId;

    protected override object DecideOn(IssuanceBatch batch)
    {
        if (batch.FindOrder(orderId) is { } known)
        {
            return known.Replaces == number
                ? new CardOutcome.Done(known.Card, known.State)
                : new CardOutcome.Refused(CardRefusal.OrderDiffers, "This order id stands for another order: use a new one.");
        }
        if (batch.Find(number) is not { } card)
            return new CardOutcome.Refused(CardRefusal.UnknownCard, "Check the number.");
        if (card.State != CardState.Blocked && !batch.TryTake(card, CardStep.Block, actor, reason))
            return new CardOutcome.Refused(CardRefusal.WrongState, NextStepAfter(card));
        if (!batch.TryTake(card, CardStep.Replace, actor, reason))
            return new CardOutcome.Refused(CardRefusal.WrongState, NextStepAfter(card));
        var successor = batch.Order(orderId, card.Household, replaces: number, IssuerKeys.CurrentVersion, actor, $"replaces a card that is {reason}");
        return new CardOutcome.Done(successor.Card, successor.State);
    }
}

internal sealed class ReleaseKeysCommand(CardNumber number, IssuerKeys keys, CardAuthorities authorities, string actor) : IssuanceCommand
{
    public override CardNumber? Card => number;

    protected override object DecideOn(IssuanceBatch batch)
    {
        if (batch.Find(number) is not { } card)
            return new PersonalisationOutcome.Refused(CardRefusal.UnknownCard, "Check the number; order the card first.");
        return batch.TryTake(card, CardStep.ReleaseKeys, actor, "keys released")
            ? new PersonalisationOutcome.Ready(keys.KeysOf(card.Card, card.KeyVersion), authorities.TerminalAuthorityCertificate.Encoded)
            : new PersonalisationOutcome.Refused(CardRefusal.WrongState, NextStepAfter(card));
    }
}

internal sealed class CertifyCommand(CardNumber number, byte[] keyAgreementKey, byte[] signatureKey, CardAuthorities authorities, string actor) : IssuanceCommand
{
    public override CardNumber? Card => number;

    protected override object DecideOn(IssuanceBatch batch)
    {
        if (!P256.IsValidPoint(keyAgreementKey) || !P256.IsValidPoint(signatureKey) || keyAgreementKey.AsSpan().SequenceEqual(signatureKey))
            return new CertificationOutcome.Refused(CardRefusal.MalformedKey, "Send two different points of P-256, uncompressed, 65 bytes each.");
        if (batch.Find(number) is not { } card)
            return new CertificationOutcome.Refused(CardRefusal.UnknownCard, "Check the number; order the card first.");
        if (card.IsCertified)
        {
            return card.KeyAgreementKey.AsSpan().SequenceEqual(keyAgreementKey) && card.SignatureKey.AsSpan().SequenceEqual(signatureKey)
                ? new CertificationOutcome.Certified(card.KeyAgreementCertificate, card.SignatureCertificate)
                : new CertificationOutcome.Refused(CardRefusal.KeysDiffer, "Other keys were certified for this card: replace it and personalise its successor.");
        }
        if (!CardLife.Allows(card, CardStep.Certify))
            return new CertificationOutcome.Refused(CardRefusal.WrongState, NextStepAfter(card));
        var (agreement, signature) = authorities.CertifyCard(card.Card, keyAgreementKey, signatureKey);
        card.Certify(keyAgreementKey, signatureKey, agreement, signature);
        batch.TryTake(card, CardStep.Certify, actor, "keys certified");
        return new CertificationOutcome.Certified(agreement, signature);
    }
}
