using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Protocol.Transactions;
using BureauKeyTransport = SmartCard.Protocol.Personalisation.BureauKeyTransport;
using PersonalisationKeys = SmartCard.Protocol.Personalisation.PersonalisationKeys;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>Issuance and status of cards, for ministry staff and the personalisation bureau.</summary>
internal sealed class CardsService(ICardIssuance issuance) : Wire.Cards.CardsBase
{
    private const int ReasonLengthMax = 64;

    public override async Task<Wire.OrderCardResponse> Order(Wire.OrderCardRequest request, ServerCallContext context)
    {
        var orderId = Fields.Key(request.OrderId, "order_id");
        var household = Fields.Household(request.HouseholdId, "household_id");
        return Ordered(await issuance.OrderAsync(orderId, household, Caller.StaffOf(context), context.CancellationToken));
    }

    public override async Task<Wire.BeginPersonalisationResponse> BeginPersonalisation(Wire.BeginPersonalisationRequest request, ServerCallContext context)
    {
        var card = Fields.Card(request.CardNumber, "card_number");
        var bureauKey = Fields.PublicKey(request.TransportPublicKey, "transport_public_key");
        if (!BureauKeyTransport.IsUsable(bureauKey.Span))
            throw Refusals.Malformed("transport_public_key", "Send a point of the curve P-256, from a fresh key pair.");

        var outcome = await issuance.BeginPersonalisationAsync(card, Caller.StaffOf(context), context.CancellationToken);
        if (outcome is PersonalisationOutcome.Refused refused)
            throw ToRefusal(refused.Reason, refused.NextStep);
        var ready = (PersonalisationOutcome.Ready)outcome;
        var keys = ready.Keys;
        var wrapped = BureauKeyTransport.Wrap(
            new PersonalisationKeys(keys.KeyVersion, keys.Enc, keys.Mac, keys.Dek, keys.ApplicationCryptogram, keys.ScriptMac), card, bureauKey.Span);
        return new Wire.BeginPersonalisationResponse
        {
            TransportPublicKey = ByteString.CopyFrom(wrapped.BackendPublicKey),
            WrappedKeys = ByteString.CopyFrom(wrapped.Keys),
            TerminalAuthorityCertificate = ready.TerminalAuthorityCertificate.ToWire(),
        };
    }

    public override async Task<Wire.CertifyCardResponse> CertifyCard(Wire.CertifyCardRequest request, ServerCallContext context)
    {
        var card = Fields.Card(request.CardNumber, "card_number");
        var agreement = Fields.PublicKey(request.KeyAgreementPublicKey, "key_agreement_public_key");
        var signature = Fields.PublicKey(request.SignaturePublicKey, "signature_public_key");
        return await issuance.CertifyAsync(card, agreement, signature, Caller.StaffOf(context), context.CancellationToken) switch
        {
            CertificationOutcome.Certified certified => new Wire.CertifyCardResponse
            {
                KeyAgreementCertificate = certified.KeyAgreementCertificate.ToWire(),
                SignatureCertificate = certified.SignatureCertificate.ToWire(),
            },
            CertificationOutcome.Refused refused => throw ToRefusal(refused.Reason, refused.NextStep),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}."),
        };
    }

    public override Task<Wire.CardStatus> CompletePersonalisation(Wire.CompletePersonalisationRequest request, ServerCallContext context) =>
        StepAsync(request.CardNumber, issuance.CompletePersonalisationAsync, context);

    public override Task<Wire.CardStatus> Issue(Wire.CardStepRequest request, ServerCallContext context) =>
        StepAsync(request.CardNumber, issuance.IssueAsync, context);

    public override Task<Wire.CardStatus> Activate(Wire.CardStepRequest request, ServerCallContext context) =>
        StepAsync(request.CardNumber, issuance.ActivateAsync, context);

    public override Task<Wire.CardStatus> Block(Wire.CardStepRequest request, ServerCallContext context)
    {
        var reason = Fields.Text(request.Reason, ReasonLengthMax, "reason");
        return StepAsync(request.CardNumber, (card, actor, cancellation) => issuance.BlockAsync(card, reason, actor, cancellation), context);
    }

    public override async Task<Wire.OrderCardResponse> Replace(Wire.ReplaceCardRequest request, ServerCallContext context)
    {
        var orderId = Fields.Key(request.OrderId, "order_id");
        var card = Fields.Card(request.CardNumber, "card_number");
        var reason = Fields.Text(request.Reason, ReasonLengthMax, "reason");
        return Ordered(await issuance.ReplaceAsync(orderId, card, reason, Caller.StaffOf(context), context.CancellationToken));
    }

    public override Task<Wire.CardStatus> GetStatus(Wire.GetCardStatusRequest request, ServerCallContext context) =>
        StatusAsync(Fields.Card(request.CardNumber, "card_number"), context.CancellationToken);

    private async Task<Wire.CardStatus> StepAsync(
        string cardNumber, Func<CardNumber, string, CancellationToken, Task<CardOutcome>> step, ServerCallContext context)
    {
        var card = Fields.Card(cardNumber, "card_number");
        if (await step(card, Caller.StaffOf(context), context.CancellationToken) is CardOutcome.Refused refused)
            throw ToRefusal(refused.Reason, refused.NextStep);
        return await StatusAsync(card, context.CancellationToken);
    }

    private async Task<Wire.CardStatus> StatusAsync(CardNumber card, CancellationToken cancellation)
    {
        var history = await issuance.HistoryAsync(card, cancellation) ?? throw ToRefusal(CardRefusal.UnknownCard, "Order the card first.");
        var status = new Wire.CardStatus { CardNumber = history.Card.FullDigits, State = (Wire.CardState)history.State, HouseholdId = history.Household.Value };
        status.Events.AddRange(history.Events.Select(step => new Wire.CardEvent
        {
            State = (Wire.CardState)step.State,
            AtUnixMs = step.At.ToUnixTimeMilliseconds(),
            Actor = step.Actor,
            Reason = step.Reason,
        }));
        return status;
    }

    private static Wire.OrderCardResponse Ordered(CardOutcome outcome) => outcome switch
    {
        CardOutcome.Done done => new Wire.OrderCardResponse { CardNumber = done.Card.FullDigits },
        CardOutcome.Refused refused => throw ToRefusal(refused.Reason, refused.NextStep),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}."),
    };

    private static RpcException ToRefusal(CardRefusal reason, string nextStep) => reason switch
    {
        CardRefusal.UnknownCard => Refusals.NotFound("card_number", nextStep),
        CardRefusal.UnknownHousehold => Refusals.NotFound("household_id", nextStep),
        CardRefusal.HouseholdHasCard => Refusals.Of(Wire.RefusalReason.AlreadyDone, "household_id", nextStep),
        CardRefusal.WrongState => Refusals.Of(Wire.RefusalReason.WrongState, "card_number", nextStep),
        CardRefusal.KeysDiffer => Refusals.Of(Wire.RefusalReason.AlreadyDone, "card_number", nextStep),
        CardRefusal.MalformedKey => Refusals.Malformed("key_agreement_public_key", nextStep),
        CardRefusal.UnknownReason => Refusals.Malformed("reason", nextStep),
        CardRefusal.OrderDiffers => Refusals.Of(Wire.RefusalReason.AlreadyDone, "order_id", nextStep),
        _ => throw new InvalidOperationException($"No refusal for {reason}."),
    };
}
