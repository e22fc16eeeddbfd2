using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Certificates;

/// <summary>A small world of keys: two authorities, a terminal, a card. All certificates run from 1 November 2026 to 30 January 2027.</summary>
internal static class Authorities
{
    public static readonly DateOnly From = new(2026, 11, 1);
    public static readonly DateOnly To = new(2027, 1, 30);
    public static readonly DateOnly Today = new(2026, 11, 22);

    public static readonly HolderReference TerminalAuthorityName = HolderReference.Parse("EGTERMCA00001");
    public static readonly HolderReference CardAuthorityName = HolderReference.Parse("EGCARDCA00001");
    public static readonly TerminalId TerminalId = TerminalId.Parse("T0000042");
    public static readonly CardNumber CardNumber = CardNumber.FromPayload(818_000_000_000_001);

    public static readonly EcKeyPair TerminalAuthorityKey = EcKeyPair.Generate();
    public static readonly EcKeyPair CardAuthorityKey = EcKeyPair.Generate();
    public static readonly EcKeyPair TerminalKey = EcKeyPair.Generate();
    public static readonly EcKeyPair CardKey = EcKeyPair.Generate();

    public static CertificateAuthority TerminalAuthority => new(TerminalAuthorityName, CertificateRole.TerminalAuthority, TerminalAuthorityKey.PublicKey);

    public static CertificateAuthority CardAuthority => new(CardAuthorityName, CertificateRole.CardAuthority, CardAuthorityKey.PublicKey);

    public static CertificateTerms TerminalTerms => new(
        TerminalAuthorityName, TerminalKey.PublicKey.ToPoint(), HolderReference.ForTerminal(TerminalId, 1),
        CertificateRights.Terminal(TerminalOperations.All, 50_000, ProgrammeCode.Bread, ProgrammeCode.Groceries), From, To);

    public static CertificateTerms CardTerms => new(
        CardAuthorityName, CardKey.PublicKey.ToPoint(), HolderReference.ForCard(CardNumber), new(CertificateRole.CardKeyAgreement), From, To);

    public static CardVerifiableCertificate Terminal => CardVerifiableCertificate.Issue(TerminalTerms, TerminalAuthorityKey);

    public static CardVerifiableCertificate Card => CardVerifiableCertificate.Issue(CardTerms, CardAuthorityKey);

    /// <summary>A certificate as an ordinary tool makes it, by the platform and not by this product.</summary>
    public static byte[] X509(
        EcKeyPair subject, EcKeyPair issuer, bool authority = false, X509KeyUsageFlags? usage = null, DateOnly? from = null, DateOnly? to = null, X509Extension? extra = null)
    {
        using var subjectKey = ECDsa.Create();
        subjectKey.ImportPkcs8PrivateKey(subject.ExportPkcs8(), out _);
        using var issuerKey = ECDsa.Create();
        issuerKey.ImportPkcs8PrivateKey(issuer.ExportPkcs8(), out _);
        var request = new CertificateRequest("CN=Off-card entity", subjectKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (usage is { } flags)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, critical: true));
        if (extra is not null)
            request.CertificateExtensions.Add(extra);
        using var certificate = request.Create(
            new X500DistinguishedName("CN=Authority"), X509SignatureGenerator.CreateForECDsa(issuerKey), Instant(from ?? From), Instant(to ?? To), [0x01, 0x02, 0x03]);
        return certificate.RawData;
    }

    private static DateTimeOffset Instant(DateOnly date) => new(date, new TimeOnly(12, 0), TimeSpan.Zero);
}
