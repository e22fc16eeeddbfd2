using FsCheck.Fluent;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Vectors;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Cryptography;

public class DerivingKeysWithX963
{
    [SharedVectorFact("ansx963_2001.rsp")]
    public void Agrees_with_NIST_for_SHA_256()
    {
        var cases = 0;
        foreach (var (z, sharedInfo, keyData) in Sha256Cases())
        {
            cases++;
            Assert.Equal(keyData, X963Kdf.Derive(z, sharedInfo, keyData.Length));
        }

        Assert.Equal(20, cases);
    }

    [Fact]
    public void Agrees_with_the_oracle() => Properties.Hold(
        from z in Properties.Bytes(1, 80)
        from info in Properties.Bytes(0, 40)
        from length in Gen.Choose(1, 200)
        select (z, info, length),
        input => Assert.Equal(Oracle.X963Kdf(input.z, input.info, input.length), X963Kdf.Derive(input.z, input.info, input.length)));

    private static IEnumerable<(byte[] Z, byte[] SharedInfo, byte[] KeyData)> Sha256Cases()
    {
        var section = "";
        byte[] z = [], info = [];
        foreach (var line in File.ReadLines(PublishedVectors.SharedPath("ansx963_2001.rsp")!).Select(line => line.Trim()))
        {
            if (line.StartsWith("[SHA-", StringComparison.Ordinal))
                section = line;
            if (section != "[SHA-256]" || line.Split(" =", 2) is not [var name, var value])
                continue;
            if (name == "Z")
                z = Convert.FromHexString(value.Trim());
            if (name == "SharedInfo")
                info = Convert.FromHexString(value.Trim());
            if (name == "key_data")
                yield return (z, info, Convert.FromHexString(value.Trim()));
        }
    }
}

public class DerivingKeysWithSp800108
{
    [Fact]
    public void Agrees_with_the_oracle_in_counter_mode() => Properties.Hold(
        from key in Properties.Bytes(16)
        from label in Properties.Bytes(12)
        from context in Properties.Bytes(0, 32)
        from length in Gen.Choose(1, 64)
        select (key, label, context, length),
        input =>
        {
            byte[] prefix = [.. input.label, 0x00, (byte)(input.length * 8 >> 8), (byte)(input.length * 8 & 0xFF)];
            var derived = new byte[input.length];
            Sp800108Cmac.Derive(input.key, input.label, input.context, derived);
            Assert.Equal(Oracle.Sp800108(input.key, prefix, input.context, input.length), derived);
        });
}

public class DerivingACardsKeys
{
    private static readonly byte[] Master = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly CardNumber Card = CardNumber.FromPayload(818_000_000_000_001);

    [Fact]
    public void Follows_the_written_layout()
    {
        // "SUBSIDY", four zeros, purpose | 00 | 128 bits | i | card number, key version
        byte[] prefix = [.. "SUBSIDY\0\0\0\0"u8, 0x10, 0x00, 0x00, 0x80];
        byte[] suffix = [.. Card.ToBytes(), 0x01];
        var cardKey = CardKeyDerivation.DeriveCardKey(Master, CardKeyPurpose.Cryptogram, Card, keyVersion: 1);
        Assert.Equal(Oracle.Sp800108(Master, prefix, suffix, 16), cardKey);

        prefix[11] = 0x30;
        Assert.Equal(Oracle.Sp800108(cardKey, prefix, [0x01, 0x02], 16), CardKeyDerivation.DeriveSessionKey(cardKey, new Atc(0x0102)));
    }

    [Fact]
    public void Gives_another_key_for_another_purpose_card_version_or_transaction()
    {
        var key = CardKeyDerivation.DeriveCardKey(Master, CardKeyPurpose.Cryptogram, Card, keyVersion: 1);
        byte[][] keys =
        [
            key,
            CardKeyDerivation.DeriveCardKey(Master, CardKeyPurpose.ScriptMac, Card, keyVersion: 1),
            CardKeyDerivation.DeriveCardKey(Master, CardKeyPurpose.Cryptogram, Card, keyVersion: 2),
            CardKeyDerivation.DeriveCardKey(Master, CardKeyPurpose.Cryptogram, CardNumber.FromPayload(818_000_000_000_002), keyVersion: 1),
            CardKeyDerivation.DeriveSessionKey(key, new Atc(1)),
            CardKeyDerivation.DeriveSessionKey(key, new Atc(2)),
        ];
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Has_check_values_that_are_a_cut_block()
    {
        var ones = Enumerable.Repeat((byte)1, 16).ToArray();
        Assert.Equal(Oracle.AesBlock(Master, ones)[..3], KeyCheckValue.Compute(Master));
    }
}
