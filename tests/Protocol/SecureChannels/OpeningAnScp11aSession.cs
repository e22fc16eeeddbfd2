using System.Security.Cryptography.X509Certificates;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tests.Certificates;

namespace SmartCard.Protocol.Tests.SecureChannels;

// Cases: card-verifiable and X.509 certificates, alone and in chains; both levels; a client written by others; each refusal of either side; the card's date; one handshake a session.
public class OpeningAnScp11aSession
{
    private static readonly CommandApdu Ping = new(0x80, 0xCA, 0xDF, 0x61, default, 256);

    [Theory]
    [InlineData(SecurityLevel.Full)]
    [InlineData(SecurityLevel.CMacRMac)]
    public void Works_with_a_card_verifiable_certificate(SecurityLevel level)
    {
        using var card = new TestCard();
        var outcome = Open(card, [Authorities.Terminal.Encoded], level);
        Assert.True(outcome.IsOpen, $"{outcome.Refusal} {outcome.Status}");
        Assert.Equal(level, outcome.Channel.Level);
        Assert.Equal("pong"u8.ToArray(), outcome.Channel.Transmit(Ping).Data.ToArray());
        Assert.Equal("pong"u8.ToArray(), outcome.Channel.Transmit(Ping with { Data = new byte[239] }).Data.ToArray());
        Assert.Equal(Authorities.Terminal.HolderReference, card.Handshake.Peer!.HolderReference);
    }

    [Fact]
    public void Works_with_X509_in_chained_commands_and_names_no_terminal()
    {
        using var card = new TestCard();
        var der = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, usage: X509KeyUsageFlags.KeyAgreement);
        Assert.True(der.Length > CommandApdu.ShortDataBytesMax);
        var outcome = Open(card, [der]);
        Assert.True(outcome.IsOpen, $"{outcome.Refusal} {outcome.Status}");
        Assert.Null(card.Handshake.Peer);
    }

    [Fact]
    public void Works_through_an_X509_authority_in_between()
    {
        using var between = EcKeyPair.Generate();
        using var card = new TestCard();
        var outcome = Open(card,
        [
            Authorities.X509(between, Authorities.TerminalAuthorityKey, authority: true, X509KeyUsageFlags.KeyCertSign),
            Authorities.X509(Authorities.TerminalKey, between, usage: X509KeyUsageFlags.KeyAgreement),
        ]);
        Assert.True(outcome.IsOpen, $"{outcome.Refusal} {outcome.Status}");
    }

    [Fact]
    public void Works_through_a_link_certificate_when_the_authority_has_a_new_key()
    {
        using var newKey = EcKeyPair.Generate();
        var newName = HolderReference.Parse("EGTERMCA00002");
        var link = CardVerifiableCertificate.Issue(
            Authorities.TerminalTerms with { Holder = newName, PublicPoint = newKey.PublicKey.ToPoint(), Rights = new(CertificateRole.TerminalAuthority) },
            Authorities.TerminalAuthorityKey);
        var terminal = CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { Authority = newName }, newKey);
        using var card = new TestCard();
        Assert.True(Open(card, [link.Encoded, terminal.Encoded]).IsOpen);
        Assert.Equal(newName, card.Handshake.Peer!.CertificateAuthorityReference);
        Assert.True(Open(card, [Authorities.Terminal.Encoded]).IsOpen);
    }

    [Fact]
    public void Works_with_a_client_that_shares_no_code_with_the_card()
    {
        using var card = new TestCard();
        using var ephemeral = EcKeyPair.Generate();
        foreach (var part in CommandChaining.Split(new CommandApdu(0x80, 0x2A, 0x01, 0x10, Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey), null)))
            Assert.Equal("9000", card.Transmit(part).Status.ToString());

        var request = ForeignScp11aClient.MutualAuthenticateData(ephemeral.PublicKey.ToPoint());
        var answer = card.Transmit(new CommandApdu(0x80, 0x82, 0x01, 0x11, request, 256));
        Assert.Equal("9000", answer.Status.ToString());
        var client = ForeignScp11aClient.Complete(request, answer.Data.ToArray(), ephemeral, Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint());

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("pong"u8.ToArray(), client.Unwrap(card.Transmit(client.Wrap(0x80, 0xCA, 0xDF, 0x61, []))));
            Assert.Equal("pong"u8.ToArray(), client.Unwrap(card.Transmit(client.Wrap(0x00, 0xB2, 0x01, 0x0C, new byte[20]))));
        }
    }

    [Fact]
    public void Takes_version_00_for_any()
    {
        using var card = new TestCard();
        Assert.True(Scp11aHost.Open(
            card, Authorities.TerminalKey, [Authorities.Terminal.Encoded], Authorities.CardKey.PublicKey.ToPoint(), keyVersion: 0).IsOpen);
    }

    [Fact]
    public void Is_refused_by_the_terminal_when_the_card_does_not_hold_the_certified_key()
    {
        using var cloneKey = EcKeyPair.Generate();
        using var card = new TestCard(cloneKey);
        Assert.Equal(SecureChannelRefusal.NotAuthentic, Open(card, [Authorities.Terminal.Encoded]).Refusal);
    }

    [Fact]
    public void Is_of_no_use_to_a_terminal_that_does_not_hold_the_certified_key()
    {
        using var thief = EcKeyPair.Generate();
        using var card = new TestCard();
        var outcome = Scp11aHost.Open(card, thief, [Authorities.Terminal.Encoded], Authorities.CardKey.PublicKey.ToPoint());
        Assert.Equal(SecureChannelRefusal.NotAuthentic, outcome.Refusal);

        // Even one that ignores the receipt cannot speak to the card.
        Assert.Equal("6988", card.Transmit(Sessions.End(SecurityLevel.Full).WrapCommand(Ping)).Status.ToString());
    }

    [Fact]
    public void Is_refused_by_the_terminal_whichever_bit_of_the_cards_answer_was_turned()
    {
        using var ephemeral = EcKeyPair.Generate();
        using var host = new Scp11aHost(Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint(), SecurityLevel.Full, 1, ephemeral);
        using var card = new TestCard();
        Assert.Equal("9000", card.Transmit(Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single()).Status.ToString());
        var answer = card.Transmit(host.MutualAuthenticate);
        foreach (var flipped in Properties.EverySingleBitFlipOf(answer.Data.ToArray()))
        {
            Assert.False(host.TryComplete(new ResponseApdu(flipped, StatusWord.Success), out _, out var refusal));
            Assert.Contains(refusal, new[] { SecureChannelRefusal.Malformed, SecureChannelRefusal.BadPublicKey, SecureChannelRefusal.NotAuthentic });
        }

        Assert.True(host.TryComplete(answer, out var messaging, out _));
        messaging.Dispose();
    }

    [Fact]
    public void Is_refused_by_the_card_whichever_bit_of_the_request_was_turned_or_else_by_the_terminal()
    {
        using var ephemeral = EcKeyPair.Generate();
        using var host = new Scp11aHost(Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint(), SecurityLevel.Full, 1, ephemeral);
        var statuses = new HashSet<string>();
        foreach (var flipped in Properties.EverySingleBitFlipOf(host.MutualAuthenticate.Data.ToArray()))
        {
            using var card = new TestCard();
            Assert.Equal("9000", card.Transmit(Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single()).Status.ToString());
            var answer = card.Transmit(host.MutualAuthenticate with { Data = flipped });
            statuses.Add(answer.Status.ToString());

            // 3C turned into 34 is a level that the card offers: the receipt covers it, so the terminal notices.
            Assert.False(host.TryComplete(answer, out _, out _));
        }

        Assert.Subset(new HashSet<string> { "6A80", "9000" }, statuses);
    }

    [Fact]
    public void Is_refused_by_the_card_for_a_certificate_that_it_cannot_trust()
    {
        using var other = EcKeyPair.Generate();
        var expired = Authorities.From.AddDays(-1);
        (byte[] Certificate, string Status)[] cases =
        [
            (CardVerifiableCertificate.Issue(Authorities.TerminalTerms, other).Encode(), "6982"),
            (CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { Authority = Authorities.CardAuthorityName }, Authorities.TerminalAuthorityKey).Encode(), "6982"),
            (CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { Rights = new(CertificateRole.CardKeyAgreement) }, Authorities.TerminalAuthorityKey).Encode(), "6982"),
            (CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { Rights = new(CertificateRole.TerminalAuthority) }, Authorities.TerminalAuthorityKey).Encode(), "6982"),
            (CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { EffectiveDate = expired, ExpirationDate = expired }, Authorities.TerminalAuthorityKey).Encode(), "6982"),
            (Authorities.X509(Authorities.TerminalKey, other), "6982"),
            (Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, usage: X509KeyUsageFlags.DigitalSignature), "6982"),
            (Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, from: expired, to: expired), "6982"),
            (Authorities.Terminal.Encode()[..^1], "6A80"),
            ([0x30, 0x00], "6A80"),
            ([0x42], "6A80"),
            ([], "6A80"),
        ];
        foreach (var (certificate, status) in cases)
        {
            using var card = new TestCard();
            Assert.Equal(status, Open(card, [certificate]).Status.ToString());
        }
    }

    [Fact]
    public void Is_refused_by_the_card_when_an_end_entity_poses_as_an_authority()
    {
        using var rogue = EcKeyPair.Generate();
        using var card = new TestCard();
        var leaf = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey);
        Assert.Equal("6982", Open(card, [leaf, Authorities.X509(rogue, Authorities.TerminalKey)]).Status.ToString());
        Assert.Equal("6982", Open(card, [Authorities.Terminal.Encoded, Authorities.Terminal.Encoded]).Status.ToString());
    }

    [Fact]
    public void Is_refused_by_the_card_when_a_card_verifiable_certificate_follows_an_X509_authority()
    {
        // Whoever may make X.509 clients may not thereby make subsidy terminals.
        using var between = EcKeyPair.Generate();
        var terminal = CardVerifiableCertificate.Issue(Authorities.TerminalTerms, between);
        using var card = new TestCard();
        var authority = Authorities.X509(between, Authorities.TerminalAuthorityKey, authority: true);
        Assert.Equal("6982", Open(card, [authority, terminal.Encoded]).Status.ToString());
    }

    [Fact]
    public void Is_refused_by_the_card_when_the_chain_is_longer_than_four()
    {
        using var card = new TestCard();
        var authority = Authorities.X509(Authorities.TerminalAuthorityKey, Authorities.TerminalAuthorityKey, authority: true);
        var leaf = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey);
        Assert.True(Open(card, [authority, authority, authority, leaf]).IsOpen);
        Assert.Equal("6A80", Open(card, [authority, authority, authority, authority, leaf]).Status.ToString());
    }

    [Fact]
    public void Is_refused_by_the_card_without_a_certificate_and_for_keys_that_it_has_not()
    {
        using var card = new TestCard();
        using var host = new Scp11aHost(Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint());
        var certificate = Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single();
        Assert.Equal("6985", card.Transmit(host.MutualAuthenticate).Status.ToString());
        Assert.Equal("6A88", card.Transmit(host.MutualAuthenticate with { P2 = 0x13 }).Status.ToString());
        Assert.Equal("6A88", card.Transmit(certificate with { P1 = 0x02 }).Status.ToString());
        Assert.Equal("6A88", card.Transmit(certificate with { P2 = 0x11 }).Status.ToString());
    }

    [Fact]
    public void Takes_the_certificate_for_one_handshake_only()
    {
        using var card = new TestCard();
        using var host = new Scp11aHost(Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint());
        card.Transmit(Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single());
        Assert.Equal("9000", card.Transmit(host.MutualAuthenticate).Status.ToString());
        Assert.Equal("6985", card.Transmit(host.MutualAuthenticate).Status.ToString());
    }

    [Fact]
    public void Is_forgotten_after_a_certificate_that_is_refused()
    {
        using var card = new TestCard();
        using var host = new Scp11aHost(Authorities.TerminalKey, Authorities.CardKey.PublicKey.ToPoint());
        var certificate = Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single();
        card.Transmit(certificate);
        Assert.Equal("6A80", card.Transmit(certificate with { Data = new byte[] { 0x42 } }).Status.ToString());
        Assert.Equal("6985", card.Transmit(host.MutualAuthenticate).Status.ToString());
    }

    [Fact]
    public void Moves_the_cards_date_for_terminals_certificates_alone()
    {
        using var card = new TestCard(latestDateSeen: Authorities.From.AddDays(-100));
        Open(card, [Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey)]);
        Assert.Equal(Authorities.From.AddDays(-100), card.Handshake.LatestDateSeen);
        Open(card, [Authorities.Terminal.Encoded]);
        Assert.Equal(Authorities.From, card.Handshake.LatestDateSeen);
    }

    [Fact]
    public void Never_throws_whatever_certificate_or_request_arrives()
    {
        using var card = new TestCard();
        var certificate = Scp11aHost.PresentCertificates([Authorities.Terminal.Encoded]).Single();
        Properties.Hold(Properties.Bytes(0, 300), bytes =>
        {
            Assert.Contains(card.Handshake.PerformSecurityOperation(certificate with { Data = bytes }).Status.ToString(), new[] { "6A80", "6982" });
            card.Transmit(certificate);
            Assert.Equal("6A80", card.Handshake.MutualAuthenticate(new CommandApdu(0x80, 0x82, 0x01, 0x11, bytes, 256), out _).Status.ToString());
        }, times: 300);
    }

    private static SecureChannelOutcome Open(ICardChannel card, ReadOnlyMemory<byte>[] certificates, SecurityLevel level = SecurityLevel.Full) =>
        Scp11aHost.Open(card, Authorities.TerminalKey, certificates, Authorities.CardKey.PublicKey.ToPoint(), level);

    private sealed class TestCard(EcKeyPair? key = null, DateOnly? latestDateSeen = null) : ICardChannel, IDisposable
    {
        private readonly CommandChaining _chaining = new();
        private CardUnderSecureMessaging? _session;

        public Scp11aCard Handshake { get; } = new(key ?? Authorities.CardKey, Authorities.TerminalAuthority, latestDateSeen ?? Authorities.Today);

        public ResponseApdu Transmit(CommandApdu command)
        {
            if (!_chaining.TryCollect(command, out var whole, out var answer))
                return new ResponseApdu(answer);
            if (ClassByte.IsSecured(whole.Cla))
                return _session?.Transmit(whole) ?? new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);
            if (whole.Ins == Instruction.PerformSecurityOperation)
                return Handshake.PerformSecurityOperation(whole);
            var response = Handshake.MutualAuthenticate(whole, out var messaging);
            if (messaging is not null)
                _session = new CardUnderSecureMessaging(messaging, _ => new ResponseApdu("pong"u8.ToArray(), StatusWord.Success));
            return response;
        }

        public void Dispose() => Handshake.Dispose();
    }
}
