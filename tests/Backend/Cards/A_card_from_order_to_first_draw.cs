using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;
using PersonalisationOutcome = SmartCard.Backend.Cards.Contracts.PersonalisationOutcome;

namespace SmartCard.Backend.Tests.Cards;

/// <summary>
/// What this module gives out has to fit the card and the terminal, which other people wrote: a blank card is personalised with the
/// keys that were released, tapped at a terminal that was certified here, and its evidence is checked here again.
/// </summary>
public abstract class A_card_from_order_to_first_draw(TestDatabase fixture) : CardsContract(fixture)
{
    private static readonly TerminalId TerminalId = TerminalId.Parse("T0000042");

    [Fact]
    public async Task Draws_with_evidence_that_the_issuer_accepts()
    {
        var card = await ProducedAsync();
        var (terminal, standing) = (EnrolledTerminal(), await StandingAsync(card.Number));
        var request = terminal.Loaves(20);
        using var session = terminal.Tap(card);
        terminal.GetProcessingOptions(session);

        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);

        Assert.True(response.TryAssemble(request, card.Number, out var evidence, out _));
        var cryptography = Get<ICardCryptography>();
        Assert.Equal(CardState.Active, standing.State);
        Assert.True(cryptography.IsGenuine(standing, evidence, out var responses));
        Assert.True(cryptography.IsSigned(standing, evidence));
        Assert.Equal(StatusWord.Success, session.Transmit(new IssuerAuthentication(IssuerAuthentication.Approved, responses.Approved.ToArray()).ToCommand()).Status);
    }

    [Fact]
    public async Task Carries_out_a_script_that_the_issuer_sealed()
    {
        var card = await ProducedAsync();
        var (terminal, standing) = (EnrolledTerminal(), await StandingAsync(card.Number));
        var grant = new AllowanceGrant(
            card.Number, 1, ProgrammeCode.Bread, QuantityUnit.Loaf, 20261100, TestBureau.Today, TestBureau.Today.AddDays(1), 20, 20);
        using var session = terminal.Tap(card);

        var answer = session.Transmit(IssuerScript.ToCommand(grant.Seal(body => Get<ICardCryptography>().ScriptMac(standing, body))));

        Assert.Equal(StatusWord.Success, answer.Status);
        Assert.Equal(20u, Assert.Single(terminal.GetProcessingOptions(session).Allowances).Granted);
    }

    [Fact]
    public async Task Shows_certificates_that_hang_on_the_authority_that_terminals_are_told()
    {
        var card = await ProducedAsync();
        Assert.True(CardVerifiableCertificate.TryDecode(Get<ICertificateAuthority>().CardAuthorityCertificate.Span, out var authority, out _));
        var link = card.Insert();
        link.Transmit(CardPersonaliser.SelectCommand(Aid.Subsidy));

        var encoded = link.Transmit(new CommandApdu(ClassByte.Proprietary, Instruction.GetData, 0x7F, 0x21, default, CommandApdu.ShortLeMax)).Data;

        Assert.True(CardVerifiableCertificate.TryDecode(encoded.Span, out var certificate, out _));
        Assert.Equal(CertificateRefusal.None, CertificateAuthority.FromCertificate(authority).Check(certificate, CertificateRole.CardKeyAgreement, TestBureau.Today));
    }

    private async Task<TestCard> ProducedAsync()
    {
        var number = await OrderedAsync();
        var ready = Assert.IsType<PersonalisationOutcome.Ready>(await Issuance.BeginPersonalisationAsync(number, "bureau", CancellationToken.None));
        Assert.True(CardVerifiableCertificate.TryDecode(ready.TerminalAuthorityCertificate.Span, out var authority, out _));
        var data = new CardPersonalisationData
        {
            Number = number,
            Enc = ready.Keys.Enc.ToArray(),
            Mac = ready.Keys.Mac.ToArray(),
            Dek = ready.Keys.Dek.ToArray(),
            CryptogramKey = ready.Keys.ApplicationCryptogram.ToArray(),
            ScriptKey = ready.Keys.ScriptMac.ToArray(),
            TerminalAuthorityPoint = authority.PublicPoint,
            TerminalAuthority = authority.HolderReference,
            Pin = TestBureau.Pin,
            Puk = TestBureau.Puk,
            RiskLimits = TestBureau.DefaultLimits,
            ApplicationData = new CardApplicationData(TestBureau.Egypt, TestBureau.EgyptianPound),
        };

        // A card's personalisation is synchronous, as a reader is; on a thread of its own it may wait for its certificates.
        var blank = TestBureau.MakeBlankCard();
        using var factoryKeys = CardKeyReferences.PublishedTestKeys();
        var outcome = await Task.Run(() => new CardPersonaliser(blank.Insert(), SystemRandomSource.Instance).Personalise(factoryKeys, data, Certify));
        blank.Remove();
        Assert.True(outcome.IsComplete, $"{outcome.FailedStep} {outcome.Status}");
        Done(await Issuance.CompletePersonalisationAsync(number, "bureau", CancellationToken.None));
        Done(await Issuance.IssueAsync(number, Clerk, CancellationToken.None));
        Done(await Issuance.ActivateAsync(number, Clerk, CancellationToken.None));
        return new TestCard(blank.Medium, data);
    }

    private CardCertificates Certify(CardNumber number, CardPublicKeys keys)
    {
        var outcome = Issuance.CertifyAsync(number, keys.KeyAgreementPoint, keys.SignaturePoint, "bureau", CancellationToken.None).GetAwaiter().GetResult();
        var certified = Assert.IsType<CertificationOutcome.Certified>(outcome);
        return new CardCertificates(certified.KeyAgreementCertificate, certified.SignatureCertificate);
    }

    private TestTerminal EnrolledTerminal()
    {
        using var tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var cardKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certified = Assert.IsType<TerminalCertificationOutcome.Certified>(Get<ICertificateAuthority>().CertifyTerminal(
            TerminalId, new MerchantId(12), new OutletId(34), [ProgrammeCode.Bread], RequestOf(tlsKey), RequestOf(cardKey)));
        return new TestTerminal(TerminalId, EcKeyPair.ImportPkcs8(cardKey.ExportPkcs8PrivateKey()), [certified.CardCertificate]);
    }
}

public sealed class A_card_from_order_to_first_draw_on_sqlite(SqliteTestDatabase database) : A_card_from_order_to_first_draw(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_card_from_order_to_first_draw_on_postgres(PostgresTestDatabase database) : A_card_from_order_to_first_draw(database), IClassFixture<PostgresTestDatabase>;
