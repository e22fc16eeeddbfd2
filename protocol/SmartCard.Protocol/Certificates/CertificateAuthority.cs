using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Certificates;

/// <summary>
/// A key that is trusted to certify, and the one link check of a chain. Whoever checks a chain walks it from an anchor: each certificate that is accepted and
/// belongs to an authority is the anchor for the next.
/// </summary>
/// <param name="Reference">The authority's name; empty when only its key is known, and then the name in a certificate is not compared.</param>
/// <param name="Role">What it may certify.</param>
/// <param name="PublicKey">Kept and owned by the caller.</param>
public sealed record CertificateAuthority(HolderReference Reference, CertificateRole Role, EcPublicKey PublicKey)
{
    /// <summary>The next anchor, made from a certificate that was accepted.</summary>
    public static CertificateAuthority FromCertificate(CardVerifiableCertificate accepted) =>
        new(accepted.HolderReference, accepted.Role, accepted.ToPublicKey());

    /// <summary>For who has a clock: issuer, role, signature, both dates.</summary>
    public CertificateRefusal Check(CardVerifiableCertificate subject, CertificateRole expectedRole, DateOnly today)
    {
        var refusal = CheckWithoutDates(subject, expectedRole);
        if (refusal != CertificateRefusal.None)
            return refusal;
        if (today < subject.EffectiveDate)
            return CertificateRefusal.NotYetValid;
        return today > subject.ExpirationDate ? CertificateRefusal.Expired : CertificateRefusal.None;
    }

    /// <summary>
    /// For a card, which has no clock but the latest date it has seen in a certificate that verified: it cannot say "not yet", only "no longer".
    /// When the answer is None, <paramref name="latestDateSeen"/> has moved forward to the effective date, never back (TR-03110-3, 2.5).
    /// </summary>
    public CertificateRefusal CheckWithoutClock(CardVerifiableCertificate subject, CertificateRole expectedRole, ref DateOnly latestDateSeen)
    {
        var refusal = CheckWithoutDates(subject, expectedRole);
        if (refusal != CertificateRefusal.None)
            return refusal;
        if (latestDateSeen > subject.ExpirationDate)
            return CertificateRefusal.Expired;
        if (latestDateSeen < subject.EffectiveDate)
            latestDateSeen = subject.EffectiveDate;
        return CertificateRefusal.None;
    }

    private CertificateRefusal CheckWithoutDates(CardVerifiableCertificate subject, CertificateRole expectedRole)
    {
        if (!Reference.IsEmpty && subject.CertificateAuthorityReference != Reference)
            return CertificateRefusal.WrongIssuer;
        if (subject.Role != expectedRole || !Role.MayIssue(subject.Role))
            return CertificateRefusal.WrongRole;
        return subject.IsSignedBy(PublicKey) ? CertificateRefusal.None : CertificateRefusal.BadSignature;
    }
}
