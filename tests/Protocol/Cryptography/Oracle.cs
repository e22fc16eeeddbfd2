using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace SmartCard.Protocol.Tests.Cryptography;

/// <summary>BouncyCastle's answer to every question that SmartCard.Protocol's primitives answer: written by others, in another way.</summary>
internal static class Oracle
{
    private static readonly ECDomainParameters Domain = CreateDomain();

    public static BigInteger Order => Domain.N;

    public static byte[] AesCmac(byte[] key, byte[] message)
    {
        var mac = new CMac(new AesEngine());
        mac.Init(new KeyParameter(key));
        mac.BlockUpdate(message, 0, message.Length);
        var output = new byte[16];
        mac.DoFinal(output, 0);
        return output;
    }

    public static byte[] X963Kdf(byte[] z, byte[] sharedInfo, int length)
    {
        var generator = new Kdf2BytesGenerator(new Sha256Digest());
        generator.Init(new KdfParameters(z, sharedInfo));
        var output = new byte[length];
        generator.GenerateBytes(output, 0, length);
        return output;
    }

    /// <summary>SP 800-108, counter mode, one-byte counter between prefix and suffix.</summary>
    public static byte[] Sp800108(byte[] key, byte[] prefix, byte[] suffix, int length)
    {
        var generator = new KdfCounterBytesGenerator(new CMac(new AesEngine()));
        generator.Init(new KdfCounterParameters(key, prefix, suffix, 8));
        var output = new byte[length];
        generator.GenerateBytes(output, 0, length);
        return output;
    }

    public static byte[] AesCbc(byte[] key, byte[] iv, byte[] data, bool encrypt)
    {
        var cipher = new CbcBlockCipher(new AesEngine());
        cipher.Init(encrypt, new ParametersWithIV(new KeyParameter(key), iv));
        var output = new byte[data.Length];
        for (var i = 0; i < data.Length; i += 16)
            cipher.ProcessBlock(data, i, output, i);
        return output;
    }

    /// <summary>Ciphertext | tag, 16 bytes.</summary>
    public static byte[] AesGcm(byte[] key, byte[] nonce, byte[] plain, byte[] associatedData)
    {
        var cipher = new GcmBlockCipher(new AesEngine());
        cipher.Init(true, new AeadParameters(new KeyParameter(key), 128, nonce, associatedData));
        var output = new byte[cipher.GetOutputSize(plain.Length)];
        var length = cipher.ProcessBytes(plain, 0, plain.Length, output, 0);
        cipher.DoFinal(output, length);
        return output;
    }

    public static byte[] AesBlock(byte[] key, byte[] block) => AesCbc(key, new byte[16], block, encrypt: true);

    public static byte[] PublicPoint(byte[] scalar) => Domain.G.Multiply(new BigInteger(1, scalar)).Normalize().GetEncoded(compressed: false);

    public static byte[] Ecdh(byte[] scalar, byte[] point)
    {
        var agreement = new ECDHBasicAgreement();
        agreement.Init(new ECPrivateKeyParameters(new BigInteger(1, scalar), Domain));
        var z = agreement.CalculateAgreement(new ECPublicKeyParameters(Domain.Curve.DecodePoint(point), Domain));
        return Fixed(z);
    }

    public static byte[] EcdsaSign(byte[] scalar, byte[] message)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(true, new ECPrivateKeyParameters(new BigInteger(1, scalar), Domain));
        var rs = signer.GenerateSignature(Sha256(message));
        return [.. Fixed(rs[0]), .. Fixed(rs[1])];
    }

    public static bool EcdsaVerify(byte[] point, byte[] message, byte[] signature)
    {
        var signer = new ECDsaSigner();
        signer.Init(false, new ECPublicKeyParameters(Domain.Curve.DecodePoint(point), Domain));
        return signer.VerifySignature(Sha256(message), new BigInteger(1, signature, 0, 32), new BigInteger(1, signature, 32, 32));
    }

    public static byte[] Sha256(byte[] message)
    {
        var digest = new Sha256Digest();
        digest.BlockUpdate(message, 0, message.Length);
        var output = new byte[32];
        digest.DoFinal(output, 0);
        return output;
    }

    private static byte[] Fixed(BigInteger number)
    {
        var bytes = number.ToByteArrayUnsigned();
        var output = new byte[32];
        bytes.CopyTo(output, 32 - bytes.Length);
        return output;
    }

    private static ECDomainParameters CreateDomain()
    {
        var curve = NistNamedCurves.GetByOid(SecObjectIdentifiers.SecP256r1);
        return new ECDomainParameters(curve.Curve, curve.G, curve.N, curve.H);
    }
}
