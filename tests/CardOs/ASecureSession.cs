using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.CardOs.Links;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class ASecureSession : ACardAndATerminal
{
    public static TheoryData<SecurityLevel> Levels =>
        [SecurityLevel.CMac, SecurityLevel.CMacCEnc, SecurityLevel.CMacRMac, SecurityLevel.CMacCEncRMac, SecurityLevel.Full];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Of_the_issuer_opens_at_every_level(SecurityLevel level)
    {
        using var session = Card.OpenIssuerSession(level);

        Assert.Equal(StatusWord.Success, session.Transmit(Plain(0x80, 0xF2, 0x80, 0x02, 0x4F, 0x00)).Status);
    }

    [Theory]
    [InlineData(SecurityLevel.CMacRMac)]
    [InlineData(SecurityLevel.Full)]
    public void Of_a_terminal_opens_at_both_levels(SecurityLevel level)
    {
        using var session = Terminal.Tap(Card, level);

        Assert.NotNull(Terminal.GetProcessingOptions(session));
    }

    [Fact]
    public void Of_the_issuer_takes_a_new_challenge_each_time_and_remembers_that_over_a_reset()
    {
        Card.OpenIssuerSession().Dispose();
        var first = Card.Snapshot().Scp03Sequence;
        Card.OpenIssuerSession().Dispose();

        Assert.Equal(first + 1, Card.Snapshot().Scp03Sequence);
    }

    [Fact]
    public void Of_the_issuer_needs_INITIALIZE_UPDATE_first()
    {
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Card.Insert().Transmit(Plain(0x84, 0x82, 0x33, 0x00, new byte[16])).Status);
    }

    [Theory]
    [InlineData(0x31, 0x00, 8, 0x6A88)] // no such key version
    [InlineData(0x30, 0x01, 8, 0x6A86)]
    [InlineData(0x30, 0x00, 7, 0x6700)]
    public void Of_the_issuer_begins_only_with_a_well_formed_challenge(byte p1, byte p2, int challengeBytes, ushort expected)
    {
        var before = Card.Snapshot().Scp03Sequence;

        Assert.Equal(expected, Card.Insert().Transmit(Plain(0x80, 0x50, p1, p2, new byte[challengeBytes])).Status.Value);
        Assert.Equal(before, Card.Snapshot().Scp03Sequence);
    }

    [Fact]
    public void Ends_with_one_bit_wrong()
    {
        var link = Card.Insert();
        var tampering = new TamperingChannel(link);
        var outcome = Terminal.TryOpen(tampering);
        using var session = outcome.Channel!;
        tampering.FlipBitOfNext = true;

        Assert.Equal(StatusWord.SecureMessagingObjectsIncorrect, session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
    }

    [Fact]
    public void Ends_with_a_command_that_comes_in_the_clear()
    {
        var link = Card.Insert();
        using var session = Terminal.Open(link);

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal(StatusWord.Success, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
    }

    [Fact]
    public void Goes_on_after_a_command_that_was_refused()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.InstructionNotSupported, session.Transmit(Plain(0x80, 0x77, 0x00, 0x00)).Status);
        Assert.Equal(StatusWord.ClassNotSupported, session.Transmit(Plain(0x00, 0xA8, 0x00, 0x00)).Status);
        Assert.NotNull(Terminal.GetProcessingOptions(session));
    }

    [Fact]
    public void Moves_the_cards_latest_date_forward_and_never_back()
    {
        Bureau.MakeTerminal(effective: new DateOnly(2026, 11, 10)).Tap(Card).Dispose();
        Bureau.MakeTerminal(effective: new DateOnly(2026, 10, 1)).Tap(Card).Dispose();

        Assert.Equal(new DateOnly(2026, 11, 10), Card.Snapshot().LatestDateSeen);
    }

    [Fact]
    public void Of_a_terminal_whose_certificate_ended_before_the_latest_date_is_refused()
    {
        Bureau.MakeTerminal(effective: TestBureau.Today).Tap(Card).Dispose();
        var late = Bureau.MakeTerminal(effective: TestBureau.Today.AddDays(-60), expiration: TestBureau.Today.AddDays(-1));

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, late.TryOpen(Card.Insert()).Status);
    }

    [Fact]
    public void Of_a_terminal_of_another_authority_is_refused_and_does_not_move_the_date()
    {
        using var stranger = new TestBureau();
        var before = Card.Snapshot().LatestDateSeen;

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, stranger.MakeTerminal(effective: TestBureau.Today.AddYears(9), expiration: TestBureau.Today.AddYears(10)).TryOpen(Card.Insert()).Status);
        Assert.Equal(before, Card.Snapshot().LatestDateSeen);
    }

    [Fact]
    public void Needs_a_certificate_first()
    {
        var link = Card.Insert();
        link.Transmit(Select(Aid.Subsidy));
        using var key = EcKeyPair.Generate();
        using var host = new Scp11aHost(key, Card.Snapshot().KeyAgreementPoint);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(host.MutualAuthenticate).Status);
    }

    [Fact]
    public void Of_a_public_client_with_X509_certificates_opens_but_is_no_terminals_session()
    {
        using var session = OpenWithX509(Card.Insert(), out var outcome);

        Assert.True(outcome.IsOpen);
        Assert.Equal(StatusWord.Success, session.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal("63C3", session.Transmit(CardholderVerification.QueryTries).Status.ToString());
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(Terminal.Loaves(1).ToCommand(CryptogramKind.Online)).Status);
    }

    [Fact]
    public void Of_an_X509_client_with_the_PIN_shows_the_citizen_the_log()
    {
        using (var tap = Terminal.Tap(Card))
            TestTerminal.GenerateAc(tap, Terminal.Loaves(1), CryptogramKind.Online);
        using var session = OpenWithX509(Card.Insert(), out _);

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(LogRecord.LastRecordCommand).Status);
        Verify(session, TestBureau.Pin);
        Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.LastRecordCommand).Status);
        Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.ReadCommand(1)).Status);
    }

    [Fact]
    public void Is_lost_when_the_card_leaves_the_field()
    {
        var link = Card.Insert();
        using var session = Terminal.Open(link);
        link.Remove();

        Assert.Throws<CardTransportException>(() => session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()));
    }

    /// <summary>A root and a client certificate longer than one short APDU, as a public SCP11 client would bring.</summary>
    private SecureCardChannel OpenWithX509(InProcessCardLink link, out SecureChannelOutcome outcome)
    {
        using var authorityKey = ECDsa.Create();
        authorityKey.ImportPkcs8PrivateKey(Bureau.TerminalAuthorityKey.ExportPkcs8(), out _);
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var name = new X500DistinguishedName("CN=Terminal authority, O=A ministry with a long name to fill the certificate");
        using var clientKey = EcKeyPair.Generate();
        using var clientPublic = ECDsa.Create();
        clientPublic.ImportSubjectPublicKeyInfo(clientKey.ExportSubjectPublicKeyInfo(), out _);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Public client"), clientPublic, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, critical: true));
        using var certificate = request.Create(name, X509SignatureGenerator.CreateForECDsa(authorityKey), from, from.AddYears(3), [1]);

        link.Transmit(Select(Aid.Subsidy));
        outcome = Scp11aHost.Open(link, clientKey, [certificate.RawData], Card.Snapshot().KeyAgreementPoint);
        return outcome.Channel!;
    }

    private sealed class TamperingChannel(ICardChannel inner) : ICardChannel
    {
        public bool FlipBitOfNext { get; set; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            if (!FlipBitOfNext)
                return inner.Transmit(command);
            FlipBitOfNext = false;
            var data = command.Data.ToArray();
            data[0] ^= 0x80;
            return inner.Transmit(command with { Data = data });
        }
    }
}
