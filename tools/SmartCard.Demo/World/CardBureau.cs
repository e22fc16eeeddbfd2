using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.World;

/// <summary>
/// The personalisation bureau: it orders a card, gets the card's keys wrapped for itself alone, loads a blank card over SCP03 and hands
/// the card's public keys back to be certified. What it knows of the backend is the gRPC contract.
/// </summary>
internal sealed class CardBureau(CallInvoker backend, CardRiskLimits riskLimits, CardApplicationData applicationData)
{
    private readonly Cards.CardsClient _cards = new(backend);

    /// <summary>A card number for a household that has none.</summary>
    public async Task<CardNumber> OrderAsync(HouseholdId household, CancellationToken cancellation) =>
        Parse((await _cards.OrderAsync(new OrderCardRequest { OrderId = NewId(), HouseholdId = household.Value }, cancellationToken: cancellation)).CardNumber);

    /// <summary>Orders the successor of a card; the old one is refused from now on.</summary>
    public async Task<CardNumber> ReplaceAsync(CardNumber card, string reason, CancellationToken cancellation) =>
        Parse((await _cards.ReplaceAsync(
            new ReplaceCardRequest { OrderId = NewId(), CardNumber = card.FullDigits, Reason = reason }, cancellationToken: cancellation)).CardNumber);

    /// <summary>Loads a blank card and issues it; the household has yet to activate it.</summary>
    public async Task ProduceAsync(CardNumber card, ICardChannel blank, CancellationToken cancellation)
    {
        await PersonaliseAsync(card, blank, cancellation);
        await _cards.CompletePersonalisationAsync(new CompletePersonalisationRequest { CardNumber = card.FullDigits }, cancellationToken: cancellation);
        await _cards.IssueAsync(Step(card), cancellationToken: cancellation);
    }

    /// <summary>The household has the card in its hands.</summary>
    public async Task ActivateAsync(CardNumber card, CancellationToken cancellation) =>
        await _cards.ActivateAsync(Step(card), cancellationToken: cancellation);

    public async Task BlockAsync(CardNumber card, string reason, CancellationToken cancellation) =>
        await _cards.BlockAsync(new CardStepRequest { CardNumber = card.FullDigits, Reason = reason }, cancellationToken: cancellation);

    private async Task PersonaliseAsync(CardNumber card, ICardChannel blank, CancellationToken cancellation)
    {
        using var bureauKey = EcKeyPair.Generate();
        var begun = await _cards.BeginPersonalisationAsync(
            new BeginPersonalisationRequest { CardNumber = card.FullDigits, TransportPublicKey = ByteString.CopyFrom(bureauKey.PublicPoint) },
            cancellationToken: cancellation);
        using var data = Unwrap(card, begun, bureauKey);
        using var blankKeys = CardKeyReferences.PublishedTestKeys();

        // The card's side of the work is synchronous, as PC/SC is; only the certificates come from afar.
        var outcome = new CardPersonaliser(blank, SystemRandomSource.Instance)
            .Personalise(blankKeys, data, (number, keys) => Certify(number, keys, cancellation));
        if (!outcome.IsComplete)
            throw new InvalidOperationException($"A blank card could not be personalised: {outcome.FailedStep}, {outcome.Status}.");
    }

    private CardPersonalisationData Unwrap(CardNumber card, BeginPersonalisationResponse begun, EcKeyPair bureauKey)
    {
        if (!BureauKeyTransport.TryUnwrap(begun.WrappedKeys.Span, begun.TransportPublicKey.Span, card, bureauKey, out var keys)
            || !CardVerifiableCertificate.TryDecode(begun.TerminalAuthorityCertificate.Span, out var authority, out _))
            throw new InvalidOperationException("The backend's answer cannot be opened with the bureau's key.");
        return new CardPersonalisationData
        {
            Number = card,
            Enc = keys.Enc.ToArray(),
            Mac = keys.Mac.ToArray(),
            Dek = keys.Dek.ToArray(),
            CryptogramKey = keys.ApplicationCryptogram.ToArray(),
            ScriptKey = keys.ScriptMac.ToArray(),
            TerminalAuthorityPoint = authority.PublicPoint,
            TerminalAuthority = authority.HolderReference,
            Pin = Digits(4),
            Puk = Digits(8),
            RiskLimits = riskLimits,
            ApplicationData = applicationData,
        };
    }

    private CardCertificates Certify(CardNumber card, CardPublicKeys keys, CancellationToken cancellation)
    {
        var certified = _cards.CertifyCard(
            new CertifyCardRequest
            {
                CardNumber = card.FullDigits,
                KeyAgreementPublicKey = ByteString.CopyFrom(keys.KeyAgreementPoint.Span),
                SignaturePublicKey = ByteString.CopyFrom(keys.SignaturePoint.Span),
            },
            cancellationToken: cancellation);
        return new CardCertificates(certified.KeyAgreementCertificate.Memory, certified.SignatureCertificate.Memory);
    }

    private static CardStepRequest Step(CardNumber card) => new() { CardNumber = card.FullDigits };

    private static CardNumber Parse(string digits) =>
        CardNumber.TryParse(digits, out var card) ? card : throw new InvalidOperationException("The backend gave something that is no card number.");

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static string Digits(int count) =>
        RandomNumberGenerator.GetInt32((int)Math.Pow(10, count)).ToString("D" + count.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
