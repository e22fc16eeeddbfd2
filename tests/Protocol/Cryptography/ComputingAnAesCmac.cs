using System.Globalization;
using System.Text.Json;
using FsCheck.Fluent;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Vectors;

namespace SmartCard.Protocol.Tests.Cryptography;

// Cases: RFC 4493 and SP 800-38B; Wycheproof; the oracle; a message in pieces; one key for many messages; cut MACs; keys of other lengths.
public class ComputingAnAesCmac
{
    [Fact]
    public void Agrees_with_RFC_4493_and_SP_800_38B()
    {
        var vectors = PublishedVectors.Own("aes-cmac.json");
        var message = vectors.Hex("message");
        foreach (var key in vectors.GetProperty("keys").EnumerateArray())
        {
            foreach (var mac in key.GetProperty("macs").EnumerateObject())
            {
                var length = int.Parse(mac.Name, CultureInfo.InvariantCulture);
                Assert.Equal(Convert.FromHexString(mac.Value.GetString()!), AesCmac.Compute(key.Hex("key"), message.AsSpan(0, length)));
            }
        }
    }

    [SharedVectorFact("aes_cmac_test.json")]
    public void Agrees_with_all_311_cases_of_Wycheproof()
    {
        var cases = 0;
        foreach (var group in PublishedVectors.Shared("aes_cmac_test.json").GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                cases++;
                Assert.True(IsAccepted(test) == (test.Text("result") == "valid"), $"tcId {test.GetProperty("tcId")}");
            }
        }

        Assert.Equal(311, cases);

        static bool IsAccepted(JsonElement test)
        {
            var key = test.Hex("key");
            if (key.Length is 16 or 24 or 32)
                return AesCmac.Verify(key, test.Hex("msg"), test.Hex("tag"));
            Assert.Throws<ArgumentException>(() => new AesCmac(key));
            return false;
        }
    }

    [Fact]
    public void Agrees_with_the_oracle_for_any_key_and_message() => Properties.Hold(KeysAndMessages, input =>
        Assert.Equal(Oracle.AesCmac(input.Key, input.Message), AesCmac.Compute(input.Key, input.Message)));

    [Fact]
    public void Is_the_same_in_pieces_and_for_the_second_message_of_one_key() => Properties.Hold(KeysAndMessages, input =>
    {
        using var cmac = new AesCmac(input.Key);
        var mac = new byte[16];
        cmac.Append([1, 2, 3]).GetMacAndReset(mac);
        foreach (var piece in input.Message.Chunk(7))
            cmac.Append(piece);
        cmac.GetMacAndReset(mac);
        Assert.Equal(AesCmac.Compute(input.Key, input.Message), mac);
    });

    [Fact]
    public void Accepts_its_own_first_bytes_and_nothing_with_a_bit_wrong()
    {
        var key = new byte[16];
        var mac = AesCmac.Compute(key, "record"u8);
        Assert.True(AesCmac.Verify(key, "record"u8, mac));
        Assert.True(AesCmac.Verify(key, "record"u8, mac.AsSpan(0, 8)));
        Assert.False(AesCmac.Verify(key, "record"u8, mac.AsSpan(0, 3)));
        Assert.False(AesCmac.Verify(key, "record"u8, []));
        Assert.All(Properties.EverySingleBitFlipOf(mac), wrong => Assert.False(AesCmac.Verify(key, "record"u8, wrong)));
    }

    private static FsCheck.Gen<(byte[] Key, byte[] Message)> KeysAndMessages =>
        from length in Gen.Elements(16, 24, 32)
        from key in Properties.Bytes(length)
        from message in Gen.OneOf(Properties.Bytes(0, 70), Properties.Bytes(0, 600))
        select (key, message);
}
