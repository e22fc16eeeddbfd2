using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class PersonalisingACard : IDisposable
{
    private static readonly CardNumber Number = CardNumber.FromPayload(630_002_000_000_001);

    private readonly TestBureau _bureau = new();
    private readonly TestCard _blank = TestBureau.MakeBlankCard();
    private readonly CardPersonalisationData _data;

    public PersonalisingACard() => _data = _bureau.DataFor(Number, TestBureau.DefaultLimits);

    public void Dispose() => _bureau.Dispose();

    [Fact]
    public void Loads_everything_and_secures_it()
    {
        var outcome = Personalise(_bureau.Certify);

        var card = _blank.Snapshot();
        Assert.True(outcome.IsComplete);
        Assert.Equal(CardLifeCycle.Secured, card.LifeCycle);
        Assert.Equal(Number, card.Number);
        Assert.Equal(outcome.PublicKeys!.KeyAgreementPoint.ToArray(), card.KeyAgreementPoint.ToArray());
        Assert.Equal(outcome.PublicKeys.SignaturePoint.ToArray(), card.SignaturePoint.ToArray());
        Assert.Equal((3, 10), (card.PinTriesLeft, card.PukTriesLeft));
        Assert.Equal(new ConsecutiveOffline(0, 3, 5), card.ConsecutiveOffline);
    }

    [Fact]
    public void Takes_the_published_keys_away()
    {
        Personalise(_bureau.Certify);
        using var published = CardKeyReferences.PublishedTestKeys();

        var outcome = Scp03Host.Open(_blank.Insert(), published, SecurityLevel.Full, 0x30, SystemRandomSource.Instance);

        Assert.Equal(SecureChannelRefusal.NotAuthentic, outcome.Refusal);
    }

    [Fact]
    public void Fails_with_keys_that_are_not_the_cards()
    {
        using var wrong = new Scp03StaticKeys(_data.Enc, _data.Mac, _data.Dek);

        var outcome = new CardPersonaliser(_blank.Insert(), SystemRandomSource.Instance).Personalise(wrong, _data, _bureau.Certify);

        Assert.Equal(PersonalisationStep.OpenSecureChannel, outcome.FailedStep);
        Assert.Equal(CardLifeCycle.OpReady, _blank.Snapshot().LifeCycle);
    }

    [Fact]
    public void Refuses_certificates_over_another_cards_keys_and_may_begin_again()
    {
        using var other = EcKeyPair.Generate();
        var foreign = new CardPublicKeys(other.PublicKey.ToPoint(), other.PublicKey.ToPoint());

        var outcome = Personalise((number, _) => _bureau.Certify(number, foreign));

        Assert.Equal((PersonalisationStep.StoreCertificates, StatusWord.WrongData), (outcome.FailedStep, outcome.Status));
        Assert.Equal(CardLifeCycle.Initialized, _blank.Snapshot().LifeCycle);
        Assert.True(Personalise(_bureau.Certify).IsComplete);
    }

    [Fact]
    public void Refuses_certificates_that_name_another_card_or_another_role()
    {
        Assert.Equal(
            PersonalisationStep.StoreCertificates, Personalise((_, keys) => _bureau.Certify(CardNumber.FromPayload(7), keys)).FailedStep);
        Assert.Equal(
            PersonalisationStep.StoreCertificates,
            Personalise((number, keys) => _bureau.Certify(number, keys) is var right ? new CardCertificates(right.Signature, right.KeyAgreement) : right).FailedStep);
    }

    [Fact]
    public void Is_over_once_the_card_is_secured()
    {
        Personalise(_bureau.Certify);
        using var session = new TestCard(_blank.Medium, _data).OpenIssuerSession();

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Store(session, new StoreDataObjects { RiskLimits = new CardRiskLimits(9, 9, 9) }));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(GenerateKeyPairData.Command(0x01, 0x11)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(ApplicationKeys(session)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(SetStatusData.Command(CardLifeCycle.Initialized)).Status);
    }

    [Fact]
    public void Leaves_the_issuer_able_to_replace_its_own_keys_and_the_terminal_authority()
    {
        Personalise(_bureau.Certify);
        using var session = new TestCard(_blank.Medium, _data).OpenIssuerSession();
        using var next = EcKeyPair.Generate();
        using var published = CardKeyReferences.PublishedTestKeys();

        Assert.Equal(StatusWord.Success, session.Transmit(PutKeyData.PublicKey(0x01, 0x01, 0x10, next.PublicPoint)).Status);
        Assert.Equal(
            StatusWord.Success,
            session.Transmit(PutKeyData.AesKeys(0x30, 0x30, 0x01, session, published.Enc.ToArray(), published.Mac.ToArray(), published.Dek.ToArray())).Status);

        Assert.Equal(next.PublicKey.ToPoint(), _blank.Snapshot().TerminalAuthorityPoint.ToArray());
        Assert.True(Scp03Host.Open(_blank.Insert(), published, SecurityLevel.Full, 0x30, SystemRandomSource.Instance).IsOpen);
    }

    [Fact]
    public void Refuses_keys_whose_check_value_is_wrong()
    {
        using var session = BeginPersonalisation();
        var command = ApplicationKeys(session);
        var data = command.Data.ToArray();
        data[^1] ^= 0x01;

        Assert.Equal(StatusWord.WrongData, session.Transmit(command with { Data = data }).Status);
        Assert.Equal(StatusWord.Success, session.Transmit(command).Status);
    }

    [Fact]
    public void Answers_PUT_KEY_with_version_and_check_values()
    {
        using var session = BeginPersonalisation();

        var answer = session.Transmit(ApplicationKeys(session));

        Assert.Equal([0x40, .. KeyCheckValue.Compute(_data.CryptogramKey), .. KeyCheckValue.Compute(_data.ScriptKey)], answer.Data.ToArray());
    }

    [Fact]
    public void Knows_no_other_keys()
    {
        using var session = BeginPersonalisation();

        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(PutKeyData.AesKeys(0, 0x41, 0x01, session, _data.CryptogramKey, _data.ScriptKey)).Status);
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(PutKeyData.PublicKey(0, 0x01, 0x13, _bureau.CardAuthorityKey.PublicPoint)).Status);
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(GenerateKeyPairData.Command(0x01, 0x10)).Status);
    }

    [Fact]
    public void Stores_all_objects_of_a_command_or_none()
    {
        using var session = BeginPersonalisation();
        byte[] row = [.. new StoreDataObjects { Number = Number }.Encode(), 0xDF, 0x64, 0x06, 0x09, 0x01, 0x00, 0x00, 0x00, 0x00];

        Assert.Equal(StatusWord.WrongData, session.Transmit(new CommandApdu(0x80, 0xE2, 0x10, 0x00, row, null)).Status);
        Assert.Null(_blank.Snapshot().Number);
    }

    [Fact]
    public void Does_not_secure_a_card_on_which_something_is_missing()
    {
        using var session = BeginPersonalisation();
        Store(session, new StoreDataObjects { Number = Number });

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(SetStatusData.Command(CardLifeCycle.Secured)).Status);
    }

    [Fact]
    public void Begins_with_nothing_that_an_earlier_attempt_left()
    {
        Personalise((_, keys) => _bureau.Certify(CardNumber.FromPayload(7), keys));
        Assert.NotNull(_blank.Snapshot().Number);

        BeginPersonalisation().Dispose();

        var card = _blank.Snapshot();
        Assert.Null(card.Number);
        Assert.True(card.KeyAgreementPoint.IsEmpty && card.SignaturePoint.IsEmpty && card.TerminalAuthorityPoint.IsEmpty);
    }

    [Fact]
    public void Forgets_a_certificate_over_a_key_or_a_number_that_is_gone()
    {
        var read = new CommandApdu(0x80, 0xCA, 0x7F, 0x21, default, 256);
        using var session = BeginPersonalisation();
        CardPublicKeys Generate() => new(PointOf(session, 0x11), PointOf(session, 0x20));
        void StoreCertificate(CardPublicKeys keys) =>
            Assert.Equal(StatusWord.Success, Store(session, new StoreDataObjects { KeyAgreementCertificate = _bureau.Certify(Number, keys).KeyAgreement }));
        Store(session, new StoreDataObjects { Number = Number });

        var keys = Generate();
        StoreCertificate(keys);
        Store(session, new StoreDataObjects { Number = CardNumber.FromPayload(7) });
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(read).Status);

        Store(session, new StoreDataObjects { Number = Number });
        StoreCertificate(keys);
        Generate();
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(read).Status);
    }

    private PersonalisationOutcome Personalise(CertifyCard certify)
    {
        using var keys = CardKeyReferences.PublishedTestKeys();
        return new CardPersonaliser(_blank.Insert(), SystemRandomSource.Instance).Personalise(keys, _data, certify);
    }

    private SecureCardChannel BeginPersonalisation()
    {
        var session = _blank.OpenIssuerSession();
        Assert.Equal(StatusWord.Success, session.Transmit(SetStatusData.Command(CardLifeCycle.Initialized)).Status);
        return session;
    }

    private CommandApdu ApplicationKeys(SecureCardChannel session) => PutKeyData.AesKeys(0, 0x40, 0x01, session, _data.CryptogramKey, _data.ScriptKey);

    private static ReadOnlyMemory<byte> PointOf(SecureCardChannel session, byte keyId)
    {
        Assert.True(GenerateKeyPairData.TryDecodeResponse(session.Transmit(GenerateKeyPairData.Command(0x01, keyId)).Data, out var point));
        return point;
    }

    private static StatusWord Store(SecureCardChannel session, StoreDataObjects objects) =>
        session.Transmit(new CommandApdu(0x80, 0xE2, 0x10, 0x00, objects.Encode(), null)).Status;
}
