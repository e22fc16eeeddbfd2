using System.Security.Cryptography;
using System.Text;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Vectors;

namespace SmartCard.Protocol.Tests.Cryptography;

// Cases: Wycheproof's ECDH; agreement and signatures against the oracle, both ways; points off the curve; RFC 6979; malformed signatures; keys in and out; disposal.
public class AgreeingOnASecret
{
    [SharedVectorFact("ecdh_secp256r1_ecpoint_test.json")]
    public void Agrees_with_all_355_cases_of_Wycheproof()
    {
        var cases = 0;
        foreach (var group in PublishedVectors.Shared("ecdh_secp256r1_ecpoint_test.json").GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                cases++;
                using var key = EcKeyPair.FromScalar(Scalar(test.Hex("private")));
                var z = new byte[32];
                var agreed = key.TryAgree(test.Hex("public"), z);

                // The one "acceptable" case is a compressed point, which no field of ours may hold.
                Assert.True(agreed == (test.Text("result") == "valid"), $"tcId {test.GetProperty("tcId")}");
                if (agreed)
                    Assert.Equal(test.Hex("shared"), z);
            }
        }

        Assert.Equal(355, cases);
    }

    [Fact]
    public void Agrees_with_the_oracle_and_with_the_other_side() => Properties.Hold(Properties.Bytes(32), seed =>
    {
        using var mine = EcKeyPair.Generate();
        using var theirs = EcKeyPair.FromScalar(ScalarFrom(seed));
        var (z1, z2) = (new byte[32], new byte[32]);
        Assert.True(mine.TryAgree(theirs.PublicPoint, z1));
        Assert.True(theirs.TryAgree(mine.PublicPoint, z2));
        Assert.Equal(z1, z2);
        Assert.Equal(Oracle.Ecdh(mine.ExportScalar(), theirs.PublicPoint.ToArray()), z1);
        Assert.Equal(Oracle.PublicPoint(theirs.ExportScalar()), theirs.PublicPoint.ToArray());
    }, times: 30);

    [Fact]
    public void Refuses_a_point_with_any_bit_wrong()
    {
        using var key = EcKeyPair.Generate();
        Assert.All(Properties.EverySingleBitFlipOf(key.PublicPoint.ToArray()), wrong => Assert.False(P256.IsValidPoint(wrong)));
    }

    [Fact]
    public void Refuses_coordinates_beyond_the_field()
    {
        // x = p + 5 has the residue 5, which lies on the curve: a reader that reduces would take it.
        Assert.False(P256.IsValidPoint(Convert.FromHexString(
            "04ffffffff00000001000000000000000000000001000000000000000000000004" + "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")));
        Assert.True(P256.IsValidPoint(Convert.FromHexString(
            "040000000000000000000000000000000000000000000000000000000000000005" + "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")));
    }

    internal static byte[] ScalarFrom(byte[] seed)
    {
        seed = [.. seed];
        seed[0] = 0; // below the order
        seed[31] |= 1; // above zero
        return seed;
    }

    private static byte[] Scalar(byte[] number)
    {
        var start = Array.FindIndex(number, b => b != 0);
        var scalar = new byte[32];
        number.AsSpan(start).CopyTo(scalar.AsSpan(32 - (number.Length - start)));
        return scalar;
    }
}

public class Signing
{
    private static readonly byte[] Message = "one draw, signed"u8.ToArray();

    [Fact]
    public void Accepts_the_signatures_of_RFC_6979()
    {
        var vectors = PublishedVectors.Own("ecdsa-p256.json");
        using var key = EcKeyPair.FromScalar(vectors.Hex("private"));
        Assert.Equal(vectors.Hex("public"), key.PublicPoint.ToArray());
        foreach (var signature in vectors.GetProperty("signatures").EnumerateArray())
        {
            var message = Encoding.UTF8.GetBytes(signature.Text("messageUtf8"));
            Assert.True(key.PublicKey.Verify(message, signature.Hex("signature")));
            Assert.Equal(signature.Hex("signature"), Oracle.EcdsaSign(vectors.Hex("private"), message));
        }
    }

    [Fact]
    public void Agrees_with_the_oracle_both_ways() => Properties.Hold(Properties.Bytes(0, 200), message =>
    {
        using var key = EcKeyPair.Generate();
        var signature = key.Sign(message);
        Assert.Equal(64, signature.Length);
        Assert.True(Oracle.EcdsaVerify(key.PublicPoint.ToArray(), message, signature));
        Assert.True(key.PublicKey.Verify(message, Oracle.EcdsaSign(key.ExportScalar(), message)));
    }, times: 30);

    [Theory]
    [InlineData(0)] // r
    [InlineData(32)] // s
    public void Accepts_numbers_of_every_length(int number)
    {
        using var key = EcKeyPair.Generate();
        // One signature in 256 has a number that begins with a zero, and every other one whose highest bit is set.
        for (var found = 0; found < 2;)
        {
            var signature = key.Sign(Message);
            Assert.True(key.PublicKey.Verify(Message, signature));
            found += signature[number] == 0 ? 1 : 0;
        }
    }

    [Fact]
    public void Is_verified_alike_with_and_without_OpenSSLs_own_interface()
    {
        using var key = EcKeyPair.Generate();
        using var other = EcKeyPair.Generate();
        var hash = SHA256.HashData(Message);
        var signature = key.Sign(Message);
        byte[][] wrong = [other.Sign(Message), new byte[64], [.. Enumerable.Repeat((byte)0xFF, 64)], [.. new byte[32], .. signature[32..]], [.. signature[..32], .. new byte[32]]];

        Assert.True(OpenSslVerifier.TryVerify(key.PublicPoint, hash, signature));
        Assert.True(key.PublicKey.VerifyByPlatform(hash, signature));
        Assert.All(wrong, forged => Assert.False(OpenSslVerifier.TryVerify(key.PublicPoint, hash, forged)));
        Assert.All(wrong, forged => Assert.False(key.PublicKey.VerifyByPlatform(hash, forged)));
    }

    [Fact]
    public void Tells_keys_apart_on_every_thread()
    {
        var signed = Enumerable.Range(0, 64).Select(_ =>
        {
            using var key = EcKeyPair.Generate();
            return (key.PublicKey, Signature: key.Sign(Message));
        }).ToArray();

        Parallel.For(0, 2_000, turn =>
        {
            var (own, other) = (signed[turn % signed.Length], signed[(turn + 1) % signed.Length]);
            Assert.True(own.PublicKey.Verify(Message, own.Signature));
            Assert.False(own.PublicKey.Verify(Message, other.Signature));
        });
    }

    [Fact]
    public void Refuses_a_signature_or_message_with_any_bit_wrong()
    {
        using var key = EcKeyPair.Generate();
        var signature = key.Sign(Message);
        Assert.All(Properties.EverySingleBitFlipOf(signature), wrong => Assert.False(key.PublicKey.Verify(Message, wrong)));
        Assert.All(Properties.EverySingleBitFlipOf(Message), wrong => Assert.False(key.PublicKey.Verify(wrong, signature)));
    }

    [Fact]
    public void Refuses_what_is_not_a_signature_without_an_exception()
    {
        using var key = EcKeyPair.Generate();
        var order = Oracle.Order.ToByteArrayUnsigned();
        byte[][] wrong =
        [
            [], new byte[63], new byte[65], new byte[64], Enumerable.Repeat((byte)0xFF, 64).ToArray(), [.. order, .. order],
            [.. key.Sign(Message)[..32], .. new byte[32]], [.. new byte[32], .. key.Sign(Message)[32..]],
        ];
        Assert.All(wrong, signature => Assert.False(key.PublicKey.Verify(Message, signature)));
        using var signer = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = key.ExportScalar() });
        Assert.False(key.PublicKey.Verify(Message, signer.SignData(Message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public async Task Can_be_verified_by_many_threads_with_one_key()
    {
        using var key = EcKeyPair.Generate();
        var signature = key.Sign(Message);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 50).All(_ => key.PublicKey.Verify(Message, signature)))));
        Assert.All(answers, Assert.True);
    }
}

public class KeepingAKeyPair
{
    [Fact]
    public void Comes_back_from_PKCS8_and_from_its_number()
    {
        using var key = EcKeyPair.Generate();
        using var fromPkcs8 = EcKeyPair.ImportPkcs8(key.ExportPkcs8());
        using var fromScalar = EcKeyPair.FromScalar(key.ExportScalar());
        Assert.Equal(key.PublicKey, fromPkcs8.PublicKey);
        Assert.Equal(key.PublicKey, fromScalar.PublicKey);
    }

    [Fact]
    public void Gives_its_public_half_as_X509_would()
    {
        using var key = EcKeyPair.Generate();
        Assert.True(EcPublicKey.TryFromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo(), out var publicKey));
        Assert.Equal(key.PublicKey, publicKey);
    }

    [Fact]
    public void Refuses_keys_of_another_curve_and_bytes_that_are_no_key()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.False(EcPublicKey.TryFromSubjectPublicKeyInfo(other.ExportSubjectPublicKeyInfo(), out _));
        Assert.False(EcPublicKey.TryFromSubjectPublicKeyInfo([0x30, 0x00], out _));
        Assert.Throws<CryptographicException>(() => EcKeyPair.ImportPkcs8(other.ExportPkcs8PrivateKey()));
        Assert.Throws<CryptographicException>(() => EcKeyPair.FromScalar(new byte[31]));
        Assert.ThrowsAny<CryptographicException>(() => EcKeyPair.FromScalar(new byte[32]));
        Assert.ThrowsAny<CryptographicException>(() => EcKeyPair.FromScalar(Oracle.Order.ToByteArrayUnsigned()));
    }

    [Fact]
    public void Is_of_no_use_once_disposed()
    {
        var key = EcKeyPair.Generate();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.ExportScalar());
        Assert.Throws<ObjectDisposedException>(() => key.Sign([]));
        Assert.Throws<ObjectDisposedException>(() => key.TryAgree(key.PublicPoint, new byte[32]));
    }
}
