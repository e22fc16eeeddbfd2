using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Cards.Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Platform.Secrets;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Cards;

/// <summary>
/// Cases: the chains of terminals, staff, server and cards; who may name whom; requests that are none; the life of the files; what
/// the platform's own chain engine says.
/// </summary>
public sealed class Certificates_of_this_system : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly DateOnly Today = new(2026, 11, 22);
    private static readonly TerminalId Terminal = TerminalId.Parse("T0000042");

    private readonly TemporaryFolder _folder = new();
    private readonly MemorySecretStore _secrets = new();
    private readonly FakeClock _clock = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services;
    private readonly ECDsa _tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _cardKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Certificates_of_this_system() => _services = Start(_secrets);

    private ICertificateAuthority Authority => _services.GetRequiredService<ICertificateAuthority>();

    public void Dispose()
    {
        _tlsKey.Dispose();
        _cardKey.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Name_a_terminal_its_outlet_and_its_merchant()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(CertifiedTerminal().TlsCertificate.Span);

        Assert.True(IsGenuine(certificate, ClientAuthentication));
        Assert.False(IsGenuine(certificate, ServerAuthentication));
        Assert.Equal(new CertificateHolder.Terminal(Terminal, new MerchantId(12), new OutletId(34)), Authority.HolderOf(certificate));
    }

    [Fact]
    public void Of_a_terminal_end_together_after_sixty_days()
    {
        var certified = CertifiedTerminal();
        using var certificate = X509CertificateLoader.LoadCertificate(certified.TlsCertificate.Span);
        Assert.True(CardVerifiableCertificate.TryDecode(certified.CardCertificate.Span, out var forCards, out _));

        Assert.Equal(Today.AddDays(60), forCards.ExpirationDate);
        Assert.Equal(certified.NotAfter.UtcDateTime, certificate.NotAfter.ToUniversalTime());
        Assert.Equal(Today.AddDays(60), new BusinessCalendar(_clock, "Africa/Cairo").DateOf(certified.NotAfter));
        Assert.Equal(certificate.SerialNumber, certified.TlsSerialNumber);
    }

    [Fact]
    public void Of_a_terminal_are_accepted_by_a_card_for_its_programmes()
    {
        var certified = CertifiedTerminal();
        Assert.True(CardVerifiableCertificate.TryDecode(certified.CardCertificate.Span, out var certificate, out _));
        Assert.True(CardVerifiableCertificate.TryDecode(Authority.TerminalAuthorityCertificate.Span, out var authority, out _));

        var refusal = CertificateAuthority.FromCertificate(authority).Check(certificate, CertificateRole.Terminal, Today);

        Assert.Equal(CertificateRefusal.None, refusal);
        Assert.Equal(PointOf(_cardKey), certificate.PublicPoint.ToArray());
        Assert.True(certificate.HolderReference.TryGetTerminal(out var holder) && holder == Terminal);
        Assert.True(certificate.Rights.Allows(ProgrammeCode.Bread));
        Assert.False(certificate.Rights.Allows(ProgrammeCode.Groceries));
    }

    [Fact]
    public void Of_the_two_card_verifiable_authorities_hang_on_one_root_and_certify_only_their_own()
    {
        var cards = _services.GetRequiredService<CardAuthorities>();
        var root = CertificateAuthority.FromCertificate(cards.RootCertificate);
        var cardAuthority = CertificateAuthority.FromCertificate(cards.CardAuthorityCertificate);
        Assert.True(CardVerifiableCertificate.TryDecode(CertifiedTerminal().CardCertificate.Span, out var terminal, out _));

        Assert.Equal(CertificateRefusal.None, root.Check(cards.RootCertificate, CertificateRole.Root, Today));
        Assert.Equal(CertificateRefusal.None, root.Check(cards.TerminalAuthorityCertificate, CertificateRole.TerminalAuthority, Today));
        Assert.Equal(CertificateRefusal.None, root.Check(cards.CardAuthorityCertificate, CertificateRole.CardAuthority, Today));
        Assert.Equal(CertificateRefusal.WrongIssuer, cardAuthority.Check(terminal, CertificateRole.Terminal, Today));
    }

    [Fact]
    public void Of_a_card_hold_its_number_and_one_purpose_each()
    {
        var cards = _services.GetRequiredService<CardAuthorities>();
        var authority = CertificateAuthority.FromCertificate(cards.CardAuthorityCertificate);
        using var agreementKey = EcKeyPair.Generate();
        using var signatureKey = EcKeyPair.Generate();
        var card = CardNumber.FromPayload(981_801_000_000_001);

        var (agreement, signature) = cards.CertifyCard(card, agreementKey.PublicPoint.ToArray(), signatureKey.PublicPoint.ToArray());

        Assert.True(CardVerifiableCertificate.TryDecode(agreement, out var forAgreement, out _));
        Assert.True(CardVerifiableCertificate.TryDecode(signature, out var forSignature, out _));
        Assert.Equal(CertificateRefusal.None, authority.Check(forAgreement, CertificateRole.CardKeyAgreement, Today));
        Assert.Equal(CertificateRefusal.None, authority.Check(forSignature, CertificateRole.CardSignature, Today));
        Assert.Equal(CertificateRefusal.WrongRole, authority.Check(forSignature, CertificateRole.CardKeyAgreement, Today));
        Assert.All([forAgreement, forSignature], c => Assert.True(c.HolderReference.TryGetCard(out var holder) && holder == card));
        Assert.Equal(Today.AddYears(5), forSignature.ExpirationDate);
        Assert.InRange(agreement.Length, 1, 239);
    }

    [Theory]
    [InlineData(StaffRoles.Issuance)]
    [InlineData(StaffRoles.Reconciliation)]
    [InlineData(StaffRoles.Issuance | StaffRoles.Reconciliation)]
    public void Name_staff_with_their_roles(StaffRoles roles)
    {
        var certified = Assert.IsType<StaffCertificationOutcome.Certified>(Authority.CertifyStaff("mona.hassan", roles, CardsRequest(_tlsKey)));
        using var certificate = X509CertificateLoader.LoadCertificate(certified.TlsCertificate.Span);

        Assert.True(IsGenuine(certificate, ClientAuthentication));
        Assert.Equal(new CertificateHolder.Staff("mona.hassan", roles), Authority.HolderOf(certificate));
    }

    [Fact]
    public void Name_an_aggregator_that_is_no_staff()
    {
        var certified = Assert.IsType<StaffCertificationOutcome.Certified>(Authority.CertifyAggregator("delta-pay", CardsRequest(_tlsKey)));
        using var certificate = X509CertificateLoader.LoadCertificate(certified.TlsCertificate.Span);

        Assert.True(IsGenuine(certificate, ClientAuthentication));
        Assert.Equal(new CertificateHolder.Aggregator("delta-pay"), Authority.HolderOf(certificate));
        Assert.Equal("name", Assert.IsType<StaffCertificationOutcome.Refused>(Authority.CertifyAggregator("delta:pay", CardsRequest(_tlsKey))).Field);
    }

    [Theory]
    [InlineData("", StaffRoles.Issuance, "name")]
    [InlineData("mona:roles:issuance", StaffRoles.Issuance, "name")]
    [InlineData("mona", StaffRoles.None, "roles")]
    public void Are_refused_to_staff_without_a_plain_name_or_a_role(string name, StaffRoles roles, string field) =>
        Assert.Equal(field, Assert.IsType<StaffCertificationOutcome.Refused>(Authority.CertifyStaff(name, roles, CardsRequest(_tlsKey))).Field);

    [Fact]
    public void From_the_authority_of_terminals_make_nobody_staff()
    {
        var tls = _services.GetRequiredService<TlsAuthorities>();
        using var forged = tls.CertifyTerminal("mona", HolderUri.Of("mona", StaffRoles.Issuance), new PublicKey(_tlsKey), _clock.GetUtcNow().AddDays(1));

        Assert.True(IsGenuine(forged, ClientAuthentication));
        Assert.Null(Authority.HolderOf(forged));
    }

    [Fact]
    public void Without_a_name_of_ours_have_no_holder()
    {
        using var stranger = new CertificateRequest("CN=T0000042", _tlsKey, HashAlgorithmName.SHA256).CreateSelfSigned(_clock.GetUtcNow(), _clock.GetUtcNow().AddDays(1));

        Assert.Null(Authority.HolderOf(stranger));
        Assert.False(IsGenuine(stranger, ClientAuthentication));
    }

    [Theory]
    [InlineData("urn:subsidy:terminal:T0000042:merchant:12:outlet:34", true)]
    [InlineData("urn:subsidy:terminal:t0000042:merchant:12:outlet:34", false)]
    [InlineData("urn:subsidy:terminal:T0000042:merchant:-1:outlet:34", false)]
    [InlineData("urn:subsidy:terminal:T0000042:merchant:12", false)]
    [InlineData("urn:subsidy:staff:mona:roles:issuance", true)]
    [InlineData("urn:subsidy:staff:mona:roles:", false)]
    [InlineData("urn:subsidy:staff:mona:roles:issuance+root", false)]
    [InlineData("https://example.org", false)]
    public void Are_read_by_their_one_form_of_name(string uri, bool isOurs) => Assert.Equal(isOurs, HolderUri.TryParse(uri, out _));

    [Fact]
    public void Are_refused_for_what_is_no_request()
    {
        var tampered = CardsRequest(_tlsKey);
        tampered[40] ^= 1;
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var foreign = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();

        foreach (var request in new[] { [], [1, 2, 3], new byte[5_000], tampered, CardsRequest(_tlsKey)[..^1], CardsRequest(otherCurve), foreign })
        {
            Assert.Equal("tls_request", RefusedField(request, CardsRequest(_cardKey)));
            Assert.Equal("card_request", RefusedField(CardsRequest(_tlsKey), request));
        }
    }

    [Fact]
    public void Are_refused_where_one_key_is_to_serve_both_purposes() => Assert.Equal("card_request", RefusedField(CardsRequest(_tlsKey), CardsRequest(_tlsKey)));

    [Fact]
    public void Of_the_server_hold_for_its_names_and_stay_until_a_month_is_left()
    {
        using var first = Authority.ServerCertificate(["localhost", "127.0.0.1"]);
        using var again = Authority.ServerCertificate(["127.0.0.1", "localhost"]);
        using var otherNames = Authority.ServerCertificate(["backend.example"]);
        _clock.Advance(TimeSpan.FromDays(151));
        using var renewed = Authority.ServerCertificate(["backend.example"]);

        Assert.True(first.HasPrivateKey);
        Assert.True(IsGenuine(first, ServerAuthentication));
        Assert.False(IsGenuine(first, ClientAuthentication));
        Assert.True(first.MatchesHostname("localhost") && first.MatchesHostname("127.0.0.1"));
        Assert.Equal(first.SerialNumber, again.SerialNumber);
        Assert.NotEqual(first.SerialNumber, otherNames.SerialNumber);
        Assert.False(otherNames.MatchesHostname("localhost"));
        Assert.NotEqual(otherNames.SerialNumber, renewed.SerialNumber);
    }

    [Fact]
    public void Are_the_same_after_a_restart()
    {
        using var restarted = Start(_secrets);
        var again = restarted.GetRequiredService<ICertificateAuthority>();

        Assert.Equal(Authority.RootCertificate.ToArray(), again.RootCertificate.ToArray());
        Assert.Equal(Authority.CardAuthorityCertificate.ToArray(), again.CardAuthorityCertificate.ToArray());
        Assert.Equal(Authority.TerminalAuthorityCertificate.ToArray(), again.TerminalAuthorityCertificate.ToArray());
        Assert.Equal(Authority.AcknowledgementPublicKey.ToArray(), again.AcknowledgementPublicKey.ToArray());
        Assert.Equal(Authority.IntermediateCertificates.Select(der => Convert.ToHexString(der.Span)), again.IntermediateCertificates.Select(der => Convert.ToHexString(der.Span)));
    }

    [Fact]
    public void Are_not_used_with_the_keys_of_another_installation()
    {
        _ = Authority.RootCertificate;
        using var mixed = Start(new MemorySecretStore());

        Assert.Contains("one backup", Assert.Throws<InvalidDataException>(mixed.GetRequiredService<ICertificateAuthority>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Are_files_for_their_owner_alone()
    {
        Authority.ServerCertificate(["localhost"]).Dispose();

        var files = Directory.GetFiles(Path.Combine(_folder.Path, "pki"));
        Assert.Equal(8, files.Length);
        foreach (var file in files)
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Come_with_acknowledgements_that_anyone_can_verify()
    {
        var key = EcPublicKey.FromPoint(Authority.AcknowledgementPublicKey.Span);
        var signature = Authority.SignAcknowledgement("message"u8);

        Assert.True(key.Verify("message"u8, signature));
        Assert.False(key.Verify("massage"u8, signature));
    }

    private ServiceProvider Start(ISecretStore secrets) =>
        new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton(DataFolder.At(_folder.Path))
            .AddSingleton(secrets)
            .AddSingleton(new BusinessCalendar(_clock, "Africa/Cairo"))
            .AddCards(TestServices.NoSettings)
            .BuildServiceProvider();

    private TerminalCertificationOutcome.Certified CertifiedTerminal() => Assert.IsType<TerminalCertificationOutcome.Certified>(
        Authority.CertifyTerminal(Terminal, new MerchantId(12), new OutletId(34), [ProgrammeCode.Bread], CardsRequest(_tlsKey), CardsRequest(_cardKey)));

    private string RefusedField(byte[] tlsRequest, byte[] cardRequest) => Assert.IsType<TerminalCertificationOutcome.Refused>(
        Authority.CertifyTerminal(Terminal, new MerchantId(12), new OutletId(34), [ProgrammeCode.Bread], tlsRequest, cardRequest)).Field;

    private static byte[] CardsRequest(ECDsa key) => new CertificateRequest("CN=anything", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private static byte[] PointOf(ECDsa key)
    {
        Assert.True(EcPublicKey.TryFromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo(), out var point));
        return point.ToPoint();
    }

    /// <summary>By the platform's chain engine, which none of this code is part of.</summary>
    private bool IsGenuine(X509Certificate2 certificate, string usage)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(Authority.RootCertificate.Span));
        chain.ChainPolicy.ExtraStore.AddRange(Authority.IntermediateCertificates.Select(der => X509CertificateLoader.LoadCertificate(der.Span)).ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }
}
