using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Tests.Certificates;

// Cases: a right link; each refusal, in precedence; who may certify whom; a card's clock; a chain from the root.
public class CheckingALink
{
    [Fact]
    public void Accepts_the_first_and_the_last_day()
    {
        Assert.Equal(CertificateRefusal.None, Check(Authorities.Terminal, Authorities.From));
        Assert.Equal(CertificateRefusal.None, Check(Authorities.Terminal, Authorities.To));
    }

    [Fact]
    public void Refuses_the_days_around_them()
    {
        Assert.Equal(CertificateRefusal.NotYetValid, Check(Authorities.Terminal, Authorities.From.AddDays(-1)));
        Assert.Equal(CertificateRefusal.Expired, Check(Authorities.Terminal, Authorities.To.AddDays(1)));
    }

    [Fact]
    public void Refuses_another_issuers_name_before_anything_else()
    {
        var other = CardVerifiableCertificate.Issue(Authorities.TerminalTerms with { Authority = HolderReference.Parse("EGTERMCA00002") }, Authorities.TerminalKey);
        Assert.Equal(CertificateRefusal.WrongIssuer, Check(other, Authorities.To.AddDays(1)));
    }

    [Fact]
    public void Refuses_a_role_that_was_not_expected_or_not_the_issuers_to_give()
    {
        Assert.Equal(CertificateRefusal.WrongRole, Authorities.TerminalAuthority.Check(Authorities.Terminal, CertificateRole.CardSignature, Authorities.Today));
        var card = CardVerifiableCertificate.Issue(Authorities.CardTerms with { Authority = Authorities.TerminalAuthorityName }, Authorities.TerminalAuthorityKey);
        Assert.Equal(CertificateRefusal.WrongRole, Authorities.TerminalAuthority.Check(card, CertificateRole.CardKeyAgreement, Authorities.Today));
    }

    [Fact]
    public void Refuses_a_signature_of_another_key_before_the_dates()
    {
        var forged = CardVerifiableCertificate.Issue(Authorities.TerminalTerms, Authorities.TerminalKey);
        Assert.Equal(CertificateRefusal.BadSignature, Check(forged, Authorities.To.AddDays(1)));
    }

    [Fact]
    public void Lets_each_authority_certify_its_own_kind_and_nobody_else_anything()
    {
        var allowed = new HashSet<(CertificateRole, CertificateRole)>
        {
            (CertificateRole.Root, CertificateRole.Root),
            (CertificateRole.Root, CertificateRole.TerminalAuthority),
            (CertificateRole.Root, CertificateRole.CardAuthority),
            (CertificateRole.TerminalAuthority, CertificateRole.TerminalAuthority),
            (CertificateRole.TerminalAuthority, CertificateRole.Terminal),
            (CertificateRole.CardAuthority, CertificateRole.CardAuthority),
            (CertificateRole.CardAuthority, CertificateRole.CardKeyAgreement),
            (CertificateRole.CardAuthority, CertificateRole.CardSignature),
        };
        var roles = Enum.GetValues<CertificateRole>();
        Assert.All(roles.SelectMany(issuer => roles.Select(subject => (issuer, subject))), pair =>
            Assert.Equal(allowed.Contains(pair), pair.issuer.MayIssue(pair.subject)));
    }

    [Fact]
    public void Walks_a_chain_from_the_root()
    {
        using var rootKey = EcKeyPair.Generate();
        var rootName = HolderReference.Parse("EGROOT00001");
        var root = new CertificateAuthority(rootName, CertificateRole.Root, rootKey.PublicKey);
        var authority = CardVerifiableCertificate.Issue(
            Authorities.TerminalTerms with
            {
                Authority = rootName,
                Holder = Authorities.TerminalAuthorityName,
                PublicPoint = Authorities.TerminalAuthorityKey.PublicKey.ToPoint(),
                Rights = new(CertificateRole.TerminalAuthority),
            },
            rootKey);
        Assert.Equal(CertificateRefusal.None, root.Check(authority, CertificateRole.TerminalAuthority, Authorities.Today));
        var next = CertificateAuthority.FromCertificate(authority);
        Assert.Equal(CertificateRefusal.None, next.Check(Authorities.Terminal, CertificateRole.Terminal, Authorities.Today));
        Assert.Equal(CertificateRefusal.WrongIssuer, root.Check(Authorities.Terminal, CertificateRole.Terminal, Authorities.Today));
    }

    [Fact]
    public void Moves_a_cards_date_forward_and_never_back()
    {
        var seen = Authorities.From.AddYears(-1);
        Assert.Equal(CertificateRefusal.None, CheckOnCard(Authorities.Terminal, ref seen));
        Assert.Equal(Authorities.From, seen);

        seen = Authorities.To;
        Assert.Equal(CertificateRefusal.None, CheckOnCard(Authorities.Terminal, ref seen));
        Assert.Equal(Authorities.To, seen);

        seen = Authorities.To.AddDays(1);
        Assert.Equal(CertificateRefusal.Expired, CheckOnCard(Authorities.Terminal, ref seen));
        Assert.Equal(Authorities.To.AddDays(1), seen);
    }

    [Fact]
    public void Does_not_move_a_cards_date_for_a_certificate_that_is_refused()
    {
        var seen = Authorities.From.AddYears(-1);
        var forged = CardVerifiableCertificate.Issue(Authorities.TerminalTerms, Authorities.TerminalKey);
        Assert.Equal(CertificateRefusal.BadSignature, CheckOnCard(forged, ref seen));
        Assert.Equal(Authorities.From.AddYears(-1), seen);
    }

    private static CertificateRefusal Check(CardVerifiableCertificate certificate, DateOnly today) =>
        Authorities.TerminalAuthority.Check(certificate, CertificateRole.Terminal, today);

    private static CertificateRefusal CheckOnCard(CardVerifiableCertificate certificate, ref DateOnly latestDateSeen) =>
        Authorities.TerminalAuthority.CheckWithoutClock(certificate, CertificateRole.Terminal, ref latestDateSeen);
}
