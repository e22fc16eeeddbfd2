using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Cards.Certificates;

/// <summary>Lets the platform's certificate builder sign with a key that stays in the key store. ecdsa-with-SHA256 (RFC 5758, 3.2).</summary>
internal sealed class KeyStoreSignatureGenerator(IKeyStore keys, SigningKey key) : X509SignatureGenerator
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(EcdsaWithSha256);
        return writer.Encode();
    }

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        if (hashAlgorithm != HashAlgorithmName.SHA256)
            throw new CryptographicException("The authorities sign with SHA-256.");
        return P256.ToDerSignature(keys.Sign(key, data));
    }

    protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(EcPublicKey.FromPoint(keys.PublicPoint(key).Span).ExportSubjectPublicKeyInfo(), out _);
}
