using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Personalisation;

/// <summary>The steps of a personalisation, in order.</summary>
public enum PersonalisationStep
{
    None = 0,
    SelectSecurityDomain,
    OpenSecureChannel,
    BeginPersonalisation,
    StoreNumber,
    PutTerminalAuthority,
    PutApplicationKeys,
    GenerateKeyAgreementKey,
    GenerateSignatureKey,
    StoreCertificates,
    StoreSecretCodes,
    PutSecureChannelKeys,
    Secure,
}

/// <summary>How a personalisation ended.</summary>
/// <param name="PublicKeys">The card's keys; null where it failed before both were made.</param>
/// <param name="FailedStep">None when the card is ready for use.</param>
/// <param name="Status">The card's last status word.</param>
public sealed record PersonalisationOutcome(CardPublicKeys? PublicKeys, PersonalisationStep FailedStep, StatusWord Status)
{
    public bool IsComplete => FailedStep == PersonalisationStep.None;
}

/// <summary>
/// Loads a blank card over SCP03 at the full security level (protocol/spec/apdu, pages set-status, store-data, put-key, generate-key-pair).
/// A card on which it failed half-way stays unusable and may be tried again, as long as it is not secured.
/// </summary>
public sealed class CardPersonaliser(ICardChannel channel, IRandomSource random)
{
    private readonly ApduExchange _exchange = new(channel);
    private SecureCardChannel? _session;
    private StatusWord _status;
    private byte _block;

    /// <param name="currentKeys">The blank card's SCP03 keys; they stay the caller's.</param>
    /// <param name="certify">Called once, when the card has made its keys.</param>
    public PersonalisationOutcome Personalise(Scp03StaticKeys currentKeys, CardPersonalisationData data, CertifyCard certify)
    {
        var select = _exchange.Transmit(SelectCommand(Aid.IssuerSecurityDomain));
        if (!select.Status.IsSuccess)
            return new PersonalisationOutcome(null, PersonalisationStep.SelectSecurityDomain, select.Status);
        var opened = Scp03Host.Open(_exchange, currentKeys, SecurityLevel.Full, CardKeyReferences.Scp03KeyVersion, random);
        if (!opened.IsOpen)
            return new PersonalisationOutcome(null, PersonalisationStep.OpenSecureChannel, opened.Status);
        using (_session = opened.Channel)
            return Load(_session, data, certify);
    }

    /// <summary>SELECT by name, first occurrence, with file control information.</summary>
    public static CommandApdu SelectCommand(Aid application) =>
        new(ClassByte.Interindustry, Instruction.Select, 0x04, 0x00, application.ToArray(), CommandApdu.ShortLeMax);

    private PersonalisationOutcome Load(SecureCardChannel session, CardPersonalisationData data, CertifyCard certify)
    {
        CardPublicKeys? keys = null;
        PersonalisationOutcome Failed(PersonalisationStep step) => new(keys, step, _status);

        if (!Send(SetStatusData.Command(CardLifeCycle.Initialized)))
            return Failed(PersonalisationStep.BeginPersonalisation);
        if (!Store(new StoreDataObjects
        {
            Number = data.Number,
            TerminalAuthority = data.TerminalAuthority.IsEmpty ? null : data.TerminalAuthority,
            RiskLimits = data.RiskLimits,
            ApplicationData = data.ApplicationData,
        }))
            return Failed(PersonalisationStep.StoreNumber);
        if (!Send(PutKeyData.PublicKey(0, Scp11aKeys.KeyVersion, Scp11aKeys.TerminalAuthorityKeyId, data.TerminalAuthorityPoint.Span)))
            return Failed(PersonalisationStep.PutTerminalAuthority);
        if (!Send(PutKeyData.AesKeys(
            0, CardKeyReferences.ApplicationKeyVersion, CardKeyReferences.ApplicationFirstKeyId, session, data.CryptogramKey, data.ScriptKey)))
            return Failed(PersonalisationStep.PutApplicationKeys);
        if (!TryGenerate(Scp11aKeys.CardKeyId, out var keyAgreementPoint))
            return Failed(PersonalisationStep.GenerateKeyAgreementKey);
        if (!TryGenerate(CardKeyReferences.SignatureKeyId, out var signaturePoint))
            return Failed(PersonalisationStep.GenerateSignatureKey);

        keys = new CardPublicKeys(keyAgreementPoint, signaturePoint);
        var certificates = certify(data.Number, keys);
        if (!Store(new StoreDataObjects { KeyAgreementCertificate = certificates.KeyAgreement })
            || !Store(new StoreDataObjects { SignatureCertificate = certificates.Signature }))
            return Failed(PersonalisationStep.StoreCertificates);
        byte[] codes = [.. CardholderVerification.EncodeBlock(data.Pin), .. CardholderVerification.EncodeBlock(data.Puk)];
        if (!Store(new StoreDataObjects { EncryptedSecretCodes = session.EncryptSensitive(codes) }, last: true))
            return Failed(PersonalisationStep.StoreSecretCodes);

        // The card's own keys come last: whatever failed before can be tried again with the blank card's keys.
        if (!Send(PutKeyData.AesKeys(
            CardKeyReferences.Scp03KeyVersion, CardKeyReferences.Scp03KeyVersion, CardKeyReferences.Scp03FirstKeyId, session, data.Enc, data.Mac, data.Dek)))
            return Failed(PersonalisationStep.PutSecureChannelKeys);
        return Send(SetStatusData.Command(CardLifeCycle.Secured))
            ? new PersonalisationOutcome(keys, PersonalisationStep.None, _status)
            : Failed(PersonalisationStep.Secure);
    }

    private bool Store(StoreDataObjects objects, bool last = false) => Send(new CommandApdu(
        ClassByte.Proprietary, Instruction.StoreData,
        (byte)(StoreDataObjects.BerTlvStructure | (last ? StoreDataObjects.LastBlock : 0)), _block++, objects.Encode(), null));

    private bool TryGenerate(byte keyId, out ReadOnlyMemory<byte> point)
    {
        point = default;
        var answer = Transmit(GenerateKeyPairData.Command(Scp11aKeys.KeyVersion, keyId));
        return answer.Status.IsSuccess && GenerateKeyPairData.TryDecodeResponse(answer.Data, out point);
    }

    private bool Send(CommandApdu command) => Transmit(command).Status.IsSuccess;

    private ResponseApdu Transmit(CommandApdu command)
    {
        var answer = _session!.Transmit(command);
        _status = answer.Status;
        return answer;
    }
}
