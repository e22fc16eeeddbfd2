using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Testing.Cards;

/// <summary>Two authorities and the keys of one issuer: makes cards, and terminals that these cards accept.</summary>
public sealed class TestBureau : IDisposable
{
    public const string Pin = "4711";
    public const string Puk = "12345678";
    public const ushort Egypt = 818;
    public const ushort EgyptianPound = 818;

    /// <summary>The day of every test that does not say another.</summary>
    public static readonly DateOnly Today = new(2026, 11, 22);

    public static readonly CardRiskLimits DefaultLimits = new(LowerConsecutiveOffline: 3, UpperConsecutiveOffline: 5, PinThresholdMinor: 20_000);

    private static readonly HolderReference TerminalAuthorityName = HolderReference.Parse("EGTERMCA00001");
    private static readonly HolderReference CardAuthorityName = HolderReference.Parse("EGCARDCA00001");

    private ulong _nextNumber = 630_001_000_000_001;

    public EcKeyPair TerminalAuthorityKey { get; } = EcKeyPair.Generate();

    public EcKeyPair CardAuthorityKey { get; } = EcKeyPair.Generate();

    public CertificateAuthority CardAuthority => new(CardAuthorityName, CertificateRole.CardAuthority, CardAuthorityKey.PublicKey);

    /// <summary>A blank card with the published test keys, in memory.</summary>
    public static TestCard MakeBlankCard()
    {
        var medium = new RamMedium();
        using var keys = CardKeyReferences.PublishedTestKeys();
        CardOs.Kernel.Card.Manufacture(JournalledMemory.Format(medium, SystemRandomSource.Instance), keys);
        return new TestCard(medium, null);
    }

    /// <summary>A personalised card, in memory.</summary>
    public TestCard MakeCard(CardRiskLimits? limits = null)
    {
        var blank = MakeBlankCard();
        var data = DataFor(CardNumber.FromPayload(_nextNumber++), limits ?? DefaultLimits);
        using var keys = CardKeyReferences.PublishedTestKeys();
        var outcome = new CardPersonaliser(blank.Insert(), SystemRandomSource.Instance).Personalise(keys, data, Certify);
        blank.Remove();
        return outcome.IsComplete
            ? new TestCard(blank.Medium, data)
            : throw new InvalidOperationException($"Personalisation failed at {outcome.FailedStep} with {outcome.Status}.");
    }

    public CardPersonalisationData DataFor(CardNumber number, CardRiskLimits limits) => new()
    {
        Number = number,
        Enc = KeyOf(0xE0),
        Mac = KeyOf(0xA0),
        Dek = KeyOf(0xD0),
        CryptogramKey = KeyOf(0xC0),
        ScriptKey = KeyOf(0x50),
        TerminalAuthorityPoint = TerminalAuthorityKey.PublicKey.ToPoint(),
        TerminalAuthority = TerminalAuthorityName,
        Pin = Pin,
        Puk = Puk,
        RiskLimits = limits,
        ApplicationData = new CardApplicationData(Egypt, EgyptianPound),
    };

    public CardCertificates Certify(CardNumber number, CardPublicKeys keys) => new(
        Issue(number, keys.KeyAgreementPoint, CertificateRole.CardKeyAgreement), Issue(number, keys.SignaturePoint, CertificateRole.CardSignature));

    public TestTerminal MakeTerminal(
        string id = "TERM0001", TerminalOperations operations = TerminalOperations.All, uint amountMinorMax = 1_000_000,
        DateOnly? effective = null, DateOnly? expiration = null)
    {
        var key = EcKeyPair.Generate();
        var rights = CertificateRights.Terminal(
            operations, amountMinorMax, ProgrammeCode.Bread, ProgrammeCode.Groceries, ProgrammeCode.BreadPoints, new ProgrammeCode(4), new ProgrammeCode(5));
        var certificate = CardVerifiableCertificate.Issue(
            new CertificateTerms(
                TerminalAuthorityName, key.PublicKey.ToPoint(), HolderReference.ForTerminal(TerminalId.Parse(id), 1), rights,
                effective ?? Today.AddDays(-7), expiration ?? Today.AddDays(60)),
            TerminalAuthorityKey);
        return new TestTerminal(TerminalId.Parse(id), key, [certificate.Encoded]);
    }

    public void Dispose()
    {
        TerminalAuthorityKey.Dispose();
        CardAuthorityKey.Dispose();
    }

    private byte[] Issue(CardNumber number, ReadOnlyMemory<byte> point, CertificateRole role) => CardVerifiableCertificate.Issue(
        new CertificateTerms(CardAuthorityName, point, HolderReference.ForCard(number), new CertificateRights(role), Today.AddDays(-30), Today.AddYears(5)),
        CardAuthorityKey).Encode();

    private static byte[] KeyOf(byte first) => [.. Enumerable.Range(first, SessionKeys.KeyLength).Select(value => (byte)value)];
}
