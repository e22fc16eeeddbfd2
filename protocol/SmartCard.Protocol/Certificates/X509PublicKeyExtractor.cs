using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Certificates;

/// <summary>What a card needs of an X.509 certificate.</summary>
/// <param name="ToBeSigned">The TBSCertificate, DER: what the signature covers.</param>
/// <param name="PublicPoint">65 bytes, on the curve.</param>
/// <param name="Signature">64 bytes r|s.</param>
/// <param name="EffectiveDate">Day of notBefore, UTC.</param>
/// <param name="ExpirationDate">Day of notAfter, UTC.</param>
/// <param name="MayCertify">Basic constraints say CA, and key usage, when there is one, includes keyCertSign.</param>
/// <param name="MayAgreeOnKeys">Key usage is absent or includes keyAgreement.</param>
public sealed record X509CardCertificate(
    ReadOnlyMemory<byte> ToBeSigned,
    ReadOnlyMemory<byte> PublicPoint,
    ReadOnlyMemory<byte> Signature,
    DateOnly EffectiveDate,
    DateOnly ExpirationDate,
    bool MayCertify,
    bool MayAgreeOnKeys)
{
    public bool IsSignedBy(EcPublicKey authorityKey) => authorityKey.Verify(ToBeSigned.Span, Signature.Span);
}

/// <summary>
/// Reads as much of an X.509 v3 certificate (RFC 5280) as PERFORM SECURITY OPERATION needs, so that public SCP11 clients can open a session. P-256 and
/// ecdsa-with-SHA256 only. Never throws on hostile bytes. An unknown critical extension is a refusal.
/// </summary>
public static class X509PublicKeyExtractor
{
    public const int BytesMax = 2048;

    private const string EcPublicKeyOid = "1.2.840.10045.2.1";
    private const string P256Oid = "1.2.840.10045.3.1.7";
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string BasicConstraints = "2.5.29.19";
    private const string KeyUsage = "2.5.29.15";

    [Flags]
    private enum KeyUsages
    {
        None = 0,
        DigitalSignature = 1,
        NonRepudiation = 2,
        KeyEncipherment = 4,
        DataEncipherment = 8,
        KeyAgreement = 16,
        KeyCertSign = 32,
        CrlSign = 64,
        EncipherOnly = 128,
        DecipherOnly = 256,
    }

    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag IssuerUniqueId = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectUniqueId = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3, isConstructed: true);

    public static bool TryExtract(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out X509CardCertificate? certificate)
    {
        certificate = null;
        if (der.Length > BytesMax)
            return false;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var reader = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var toBeSigned = reader.PeekEncodedValue();
            var body = reader.ReadSequence();
            if (ReadAlgorithm(reader) != EcdsaWithSha256)
                return false;
            var signatureDer = reader.ReadBitString(out var unusedBits);
            reader.ThrowIfNotEmpty();
            return unusedBits == 0
                && TryReadSignature(signatureDer, out var signature)
                && TryReadBody(body, toBeSigned, signature, out certificate);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool TryReadBody(
        AsnReader body, ReadOnlyMemory<byte> toBeSigned, byte[] signature, [NotNullWhen(true)] out X509CardCertificate? certificate)
    {
        certificate = null;
        if (body.PeekTag() == Version)
            body.ReadEncodedValue();
        body.ReadInteger(); // serial number
        if (ReadAlgorithm(body) != EcdsaWithSha256)
            return false;
        body.ReadSequence(); // issuer
        var validity = body.ReadSequence();
        var effective = ReadDate(validity);
        var expiration = ReadDate(validity);
        validity.ThrowIfNotEmpty();
        body.ReadSequence(); // subject
        if (!TryReadPublicKey(body.ReadSequence(), out var point))
            return false;

        var (isAuthority, usage) = (false, (KeyUsages?)null);
        SkipIfPresent(body, IssuerUniqueId);
        SkipIfPresent(body, SubjectUniqueId);
        if (body.HasData)
        {
            if (!TryReadExtensions(body.ReadSequence(Extensions).ReadSequence(), out isAuthority, out usage))
                return false;
            body.ThrowIfNotEmpty();
        }

        certificate = new(
            toBeSigned, point, signature, effective, expiration,
            MayCertify: isAuthority && (usage ?? KeyUsages.KeyCertSign).HasFlag(KeyUsages.KeyCertSign),
            MayAgreeOnKeys: (usage ?? KeyUsages.KeyAgreement).HasFlag(KeyUsages.KeyAgreement));
        return true;
    }

    private static bool TryReadPublicKey(AsnReader info, out byte[] point)
    {
        point = [];
        var algorithm = info.ReadSequence();
        if (algorithm.ReadObjectIdentifier() != EcPublicKeyOid || algorithm.ReadObjectIdentifier() != P256Oid)
            return false;
        point = info.ReadBitString(out var unusedBits);
        info.ThrowIfNotEmpty();
        return unusedBits == 0 && P256.IsValidPoint(point);
    }

    private static bool TryReadExtensions(AsnReader extensions, out bool isAuthority, out KeyUsages? usage)
    {
        isAuthority = false;
        usage = null;
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
            var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
            extension.ThrowIfNotEmpty();
            switch (oid)
            {
                case BasicConstraints:
                    var constraints = value.ReadSequence();
                    isAuthority = constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
                    break;
                case KeyUsage:
                    usage = value.ReadNamedBitListValue<KeyUsages>();
                    break;
                default:
                    if (critical)
                        return false;
                    break;
            }
        }

        return true;
    }

    private static bool TryReadSignature(byte[] der, out byte[] signature)
    {
        signature = new byte[P256.SignatureLength];
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var r = reader.ReadIntegerBytes();
        var s = reader.ReadIntegerBytes();
        reader.ThrowIfNotEmpty();
        return TryCopyUnsigned(r.Span, signature.AsSpan(0, P256.CoordinateLength))
            && TryCopyUnsigned(s.Span, signature.AsSpan(P256.CoordinateLength));
    }

    private static bool TryCopyUnsigned(ReadOnlySpan<byte> integer, Span<byte> destination)
    {
        if ((integer[0] & 0x80) != 0)
            return false; // negative
        if (integer[0] == 0)
            integer = integer[1..];
        if (integer.Length > destination.Length)
            return false;
        integer.CopyTo(destination[(destination.Length - integer.Length)..]);
        return true;
    }

    private static string ReadAlgorithm(AsnReader reader) => reader.ReadSequence().ReadObjectIdentifier();

    private static DateOnly ReadDate(AsnReader validity)
    {
        var instant = validity.PeekTag().HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.UtcTime))
            ? validity.ReadUtcTime()
            : validity.ReadGeneralizedTime();
        return DateOnly.FromDateTime(instant.UtcDateTime);
    }

    private static void SkipIfPresent(AsnReader reader, Asn1Tag tag)
    {
        if (reader.HasData && reader.PeekTag().HasSameClassAndValue(tag))
            reader.ReadEncodedValue();
    }
}
