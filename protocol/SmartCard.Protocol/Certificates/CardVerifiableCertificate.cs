using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Certificates;

/// <summary>What an authority states with a certificate.</summary>
/// <param name="Authority">Who signs.</param>
/// <param name="PublicPoint">The certified key, 04 | x | y, 65 bytes.</param>
/// <param name="Holder">Whose key it is.</param>
/// <param name="EffectiveDate">First day on which it is valid.</param>
/// <param name="ExpirationDate">Last day on which it is valid.</param>
public sealed record CertificateTerms(
    HolderReference Authority,
    ReadOnlyMemory<byte> PublicPoint,
    HolderReference Holder,
    CertificateRights Rights,
    DateOnly EffectiveDate,
    DateOnly ExpirationDate);

/// <summary>
/// A card-verifiable certificate in the manner of BSI TR-03110-3, C.1: 7F21{7F4E{5F29, 42, 7F49, 5F20, 7F4C, 5F25, 5F24}, 5F37}, P-256, the
/// signature 64 bytes r|s over the whole 7F4E object. About 230 bytes: one short APDU. One encoding for one content: another
/// order, another length form or an unknown object is refused.
/// </summary>
public sealed record CardVerifiableCertificate
{
    private static readonly Tag Outer = 0x7F21;
    private static readonly Tag BodyTag = 0x7F4E;
    private static readonly Tag ProfileIdentifier = 0x5F29;
    private static readonly Tag AuthorityTag = 0x42;
    private static readonly Tag PublicKeyTag = 0x7F49;
    private static readonly Tag ObjectIdentifier = 0x06;
    private static readonly Tag PointTag = 0x86;
    private static readonly Tag HolderTag = 0x5F20;
    private static readonly Tag RightsTag = 0x7F4C;
    private static readonly Tag DiscretionaryData = 0x53;
    private static readonly Tag EffectiveDateTag = 0x5F25;
    private static readonly Tag ExpirationDateTag = 0x5F24;
    private static readonly Tag SignatureTag = 0x5F37;

    private const byte Profile = 0x00;
    private const int DateLength = 6;

    private static readonly TlvLimits Limits = new(MaxDepth: 4, MaxLength: 512, MaxElements: 16);

    private CardVerifiableCertificate(CertificateTerms terms, ReadOnlyMemory<byte> encoded, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> signature)
    {
        Terms = terms;
        Encoded = encoded;
        Body = body;
        Signature = signature;
    }

    public CertificateTerms Terms { get; }

    /// <summary>The whole certificate.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The 7F4E object: what the signature covers.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>64 bytes, r|s.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    public HolderReference CertificateAuthorityReference => Terms.Authority;

    public ReadOnlyMemory<byte> PublicPoint => Terms.PublicPoint;

    public HolderReference HolderReference => Terms.Holder;

    public CertificateRights Rights => Terms.Rights;

    public CertificateRole Role => Terms.Rights.Role;

    public DateOnly EffectiveDate => Terms.EffectiveDate;

    public DateOnly ExpirationDate => Terms.ExpirationDate;

    /// <summary>id-TA-ECDSA-SHA-256, 0.4.0.127.0.7.2.2.2.2.3 (TR-03110-3, A.6.4): a key that signs.</summary>
    private static ReadOnlySpan<byte> SigningKeyOid => [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03];

    /// <summary>id-ecDH, 1.3.132.1.12 (RFC 5480, 2.1.2): a key that agrees on keys.</summary>
    private static ReadOnlySpan<byte> AgreementKeyOid => [0x2B, 0x81, 0x04, 0x01, 0x0C];

    /// <summary>Signs with a key in memory.</summary>
    public static CardVerifiableCertificate Issue(CertificateTerms terms, EcKeyPair authorityKey) =>
        Issue(terms, body => authorityKey.Sign(body.Span));

    /// <summary>Signs with a key elsewhere, such as in an HSM.</summary>
    /// <param name="sign">ECDSA with SHA-256 over the bytes given; answers 64 bytes r|s.</param>
    /// <exception cref="ArgumentException">Terms that no certificate may state: a key off the curve, dates in the wrong order or outside 2000-2099.</exception>
    public static CardVerifiableCertificate Issue(CertificateTerms terms, Func<ReadOnlyMemory<byte>, byte[]> sign)
    {
        var body = EncodeBody(terms);
        var encoded = new TlvWriter()
            .Append(Outer, outer => outer.AppendEncoded(body).Append(SignatureTag, sign(body)))
            .ToArray();
        return TryDecode(encoded, out var certificate, out _)
            ? certificate
            : throw new ArgumentException("These terms make no valid certificate.", nameof(terms));
    }

    /// <summary>
    /// Reads a certificate without judging signature or dates. The only refusal is Malformed. Never throws; the bytes are copied.
    /// </summary>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CardVerifiableCertificate? certificate, out CertificateRefusal refusal)
    {
        certificate = null;
        refusal = CertificateRefusal.Malformed;
        if (bytes.Length > Limits.MaxLength)
            return false;
        ReadOnlyMemory<byte> encoded = bytes.ToArray();
        if (!BerTlv.TryParseSingle(encoded, Outer, Limits, out var outer, out _)
            || outer.Children is not [{ } body, { } signature]
            || body.Tag != BodyTag
            || signature.Tag != SignatureTag
            || signature.Value.Length != P256.SignatureLength
            || signature.Encoded.Length != TlvWriter.EncodedLength(SignatureTag, P256.SignatureLength)
            || encoded.Length != TlvWriter.EncodedLength(Outer, outer.Value.Length)
            || !TryReadTerms(body, out var terms)
            || !EncodeBody(terms).AsSpan().SequenceEqual(body.Encoded.Span))
            return false;

        certificate = new(terms, encoded, body.Encoded, signature.Value);
        refusal = CertificateRefusal.None;
        return true;
    }

    public byte[] Encode() => Encoded.ToArray();

    public bool IsSignedBy(EcPublicKey authorityKey) => authorityKey.Verify(Body.Span, Signature.Span);

    /// <summary>The certified key as an object that verifies and agrees; the caller keeps and disposes it.</summary>
    public EcPublicKey ToPublicKey() => EcPublicKey.FromPoint(PublicPoint.Span);

    public bool Equals(CardVerifiableCertificate? other) => other is not null && Encoded.Span.SequenceEqual(other.Encoded.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Signature.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{Role} {HolderReference} by {CertificateAuthorityReference}, {EffectiveDate:yyyy-MM-dd} to {ExpirationDate:yyyy-MM-dd}";

    private static byte[] EncodeBody(CertificateTerms terms)
    {
        var rights = new byte[CertificateRights.EncodedLength];
        terms.Rights.Encode(rights);
        var oid = OidOf(terms.Rights.Role).ToArray();
        return new TlvWriter().Append(BodyTag, body => body
            .Append(ProfileIdentifier, Profile)
            .Append(AuthorityTag, terms.Authority.Encode())
            .Append(PublicKeyTag, key => key.Append(ObjectIdentifier, oid).Append(PointTag, terms.PublicPoint.Span))
            .Append(HolderTag, terms.Holder.Encode())
            .Append(RightsTag, template => template.Append(DiscretionaryData, rights))
            .Append(EffectiveDateTag, EncodeDate(terms.EffectiveDate))
            .Append(ExpirationDateTag, EncodeDate(terms.ExpirationDate))).ToArray();
    }

    private static bool TryReadTerms(TlvNode body, [NotNullWhen(true)] out CertificateTerms? terms)
    {
        terms = null;
        if (body.Children is not [{ }, { } authority, { } key, { } holder, { } template, { } effective, { } expiration]
            || !HolderReference.TryDecode(authority.Value.Span, out var authorityReference)
            || key.Find(PointTag) is not { } point
            || !P256.IsValidPoint(point.Value.Span)
            || !HolderReference.TryDecode(holder.Value.Span, out var holderReference)
            || template.Find(DiscretionaryData) is not { } discretionary
            || !CertificateRights.TryDecode(discretionary.Value.Span, out var rights)
            || !TryDecodeDate(effective.Value.Span, out var effectiveDate)
            || !TryDecodeDate(expiration.Value.Span, out var expirationDate)
            || expirationDate < effectiveDate)
            return false;
        // Tags, profile and order are checked by the caller, which encodes these terms again and compares.
        terms = new(authorityReference, point.Value, holderReference, rights, effectiveDate, expirationDate);
        return true;
    }

    private static ReadOnlySpan<byte> OidOf(CertificateRole role) => role.AgreesOnKeys() ? AgreementKeyOid : SigningKeyOid;

    /// <summary>YYMMDD, a digit a byte (TR-03110-3, D.2.1.3).</summary>
    private static byte[] EncodeDate(DateOnly date)
    {
        if (date.Year is < 2000 or > 2099)
            throw new ArgumentException($"A certificate's dates lie in 2000 to 2099, not in {date.Year}.");
        var year = date.Year - 2000;
        return
        [
            (byte)(year / 10), (byte)(year % 10), (byte)(date.Month / 10), (byte)(date.Month % 10), (byte)(date.Day / 10), (byte)(date.Day % 10),
        ];
    }

    private static bool TryDecodeDate(ReadOnlySpan<byte> digits, out DateOnly date)
    {
        date = default;
        if (digits.Length != DateLength || digits.IndexOfAnyExceptInRange((byte)0, (byte)9) >= 0)
            return false;
        var year = 2000 + (digits[0] * 10) + digits[1];
        var month = (digits[2] * 10) + digits[3];
        var day = (digits[4] * 10) + digits[5];
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new(year, month, day);
        return true;
    }
}
