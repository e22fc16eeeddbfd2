using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Cryptography;
using SmartCard.Protocol.Tests.Vectors;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Transactions;

// Cases: cryptogram and ARPC by the oracle; any bit wrong; the other card, counter, kind of message. Scripts: there and back, by the oracle, any bit wrong, hostile bytes.
public class AnApplicationCryptogram
{
    private static readonly byte[] CardKey = Convert.FromHexString("404142434445464748494A4B4C4D4E4F");
    private static readonly byte[] Encoded = TransactionRecordCodec.Encode(Samples.Record);
    private static readonly Atc Atc = Samples.Record.Atc;

    [Fact]
    public void Is_a_cut_CMAC_under_the_key_of_the_transaction()
    {
        var sessionKey = Oracle.Sp800108(CardKey, [.. "SUBSIDY\0\0\0\0"u8, 0x30, 0x00, 0x00, 0x80], [0x00, 0x07], 16);
        var cryptogram = ApplicationCryptogram.Compute(CardKey, Atc, Encoded);
        Assert.Equal(Oracle.AesCmac(sessionKey, Encoded)[..8], cryptogram);
        Assert.Equal(
            Oracle.AesCmac(sessionKey, [.. cryptogram, 0x30, 0x30])[..8],
            ApplicationCryptogram.Response(CardKey, Atc, cryptogram, IssuerAuthentication.Approved));
    }

    [Fact]
    public void Is_the_one_that_the_vectors_tell_other_implementations()
    {
        var vectors = PublishedVectors.Own("subsidy.json");
        var cardKey = CardKeyDerivation.DeriveCardKey(vectors.Hex("cryptogramMaster"), CardKeyPurpose.Cryptogram, Samples.Card, keyVersion: 1);
        Assert.Equal(vectors.Hex("cryptogramCardKey"), cardKey);
        var record = vectors.GetProperty("record");
        Assert.Equal(record.Hex("sessionKey"), CardKeyDerivation.DeriveSessionKey(cardKey, Atc));
        Assert.Equal(record.Hex("cryptogram"), ApplicationCryptogram.Compute(cardKey, Atc, record.Hex("encoded")));
        Assert.Equal(record.Hex("arpcApproved"), ApplicationCryptogram.Response(cardKey, Atc, record.Hex("cryptogram"), IssuerAuthentication.Approved));
        Assert.Equal(record.Text("chainAfter"), Samples.Record.PreviousChain.Append(record.Hex("encoded")).ToString());
    }

    [Fact]
    public void Is_refused_with_any_bit_of_it_or_of_the_record_wrong()
    {
        var cryptogram = ApplicationCryptogram.Compute(CardKey, Atc, Encoded);
        Assert.True(ApplicationCryptogram.IsGenuine(CardKey, Atc, Encoded, cryptogram));
        Assert.All(Properties.EverySingleBitFlipOf(cryptogram), wrong => Assert.False(ApplicationCryptogram.IsGenuine(CardKey, Atc, Encoded, wrong)));
        Assert.All(Properties.EverySingleBitFlipOf(Encoded), wrong => Assert.False(ApplicationCryptogram.IsGenuine(CardKey, Atc, wrong, cryptogram)));
        Assert.False(ApplicationCryptogram.IsGenuine(CardKey, Atc, Encoded, cryptogram.AsSpan(0, 7)));
        Assert.False(ApplicationCryptogram.IsGenuine(CardKey, Atc, Encoded, []));
        Assert.False(ApplicationCryptogram.IsGenuine(CardKey, Atc.Next(), Encoded, cryptogram));
        Assert.False(ApplicationCryptogram.IsGenuine(new byte[16], Atc, Encoded, cryptogram));
    }

    [Fact]
    public void Is_answered_by_the_issuer_for_one_decision_only()
    {
        var cryptogram = ApplicationCryptogram.Compute(CardKey, Atc, Encoded);
        var arpc = ApplicationCryptogram.Response(CardKey, Atc, cryptogram, IssuerAuthentication.Declined);
        Assert.True(ApplicationCryptogram.IsGenuineResponse(CardKey, Atc, cryptogram, IssuerAuthentication.Declined, arpc));
        Assert.False(ApplicationCryptogram.IsGenuineResponse(CardKey, Atc, cryptogram, IssuerAuthentication.Approved, arpc));
        Assert.All(Properties.EverySingleBitFlipOf(arpc), wrong =>
            Assert.False(ApplicationCryptogram.IsGenuineResponse(CardKey, Atc, cryptogram, IssuerAuthentication.Declined, wrong)));
    }
}

public class AnIssuersScript
{
    private static readonly byte[] ScriptKey = Convert.FromHexString("505152535455565758595A5B5C5D5E5F");

    private static readonly AllowanceGrant Grant = new(
        Samples.Card, 3, ProgrammeCode.Bread, QuantityUnit.Loaf, 20261100, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), Granted: 40, CapPerTransaction: 20);

    public static TheoryData<IssuerScript> EveryKind => [Grant, new ApplicationBlock(Samples.Card, 4), new RiskLimits(Samples.Card, 5, 3, 5, 5_000)];

    [Theory]
    [MemberData(nameof(EveryKind))]
    public void Comes_back_as_it_was_sealed(IssuerScript script)
    {
        var sealedScript = script.Seal(ScriptKey);
        Assert.True(IssuerScript.TryOpen(sealedScript, ScriptKey, out var opened, out _));
        Assert.Equal(script, opened);
        Assert.True(IssuerScript.TryRead(sealedScript, out var read, out _));
        Assert.Equal(script, read);
        Assert.Equal(Oracle.AesCmac(ScriptKey, sealedScript[..^8])[..8], sealedScript[^8..]);
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public void Is_refused_whichever_bit_was_turned_and_without_the_key(IssuerScript script)
    {
        var sealedScript = script.Seal(ScriptKey);
        Assert.All(Properties.EverySingleBitFlipOf(sealedScript), wrong =>
        {
            Assert.False(IssuerScript.TryOpen(wrong, ScriptKey, out _, out var refusal));
            Assert.Equal(ScriptRefusal.Mac, refusal);
        });
        Assert.False(IssuerScript.TryOpen(sealedScript, new byte[16], out _, out _));
        HostileBytes.AgainstCodec(sealedScript, bytes =>
            IssuerScript.TryRead(bytes, out var read, out _) ? [.. read.Seal(ScriptKey)[..^8], .. bytes[^8..]] : null);
    }

    [Fact]
    public void Has_the_written_layout() => Assert.Equal(
        "01" + "01" + Samples.Card.FullDigits + "00000003" + "0001" + "01" + "013528EC" + "261101" + "261130" + "00000028" + "00000014",
        Convert.ToHexString(Grant.Seal(ScriptKey).AsSpan()[..^8]));

    [Fact]
    public void Is_the_one_that_the_vectors_tell_other_implementations()
    {
        var vectors = PublishedVectors.Own("subsidy.json");
        var key = CardKeyDerivation.DeriveCardKey(vectors.Hex("scriptMaster"), CardKeyPurpose.ScriptMac, Samples.Card, keyVersion: 1);
        Assert.Equal(vectors.Hex("scriptCardKey"), key);
        Assert.Equal(vectors.Hex("script"), Grant.Seal(key));
    }

    [Fact]
    public void Cannot_be_sealed_with_a_field_that_no_card_would_take()
    {
        Assert.ThrowsAny<ArgumentException>(() => (Grant with { Counter = 0 }).Seal(ScriptKey));
        Assert.ThrowsAny<ArgumentException>(() => (Grant with { Unit = QuantityUnit.None }).Seal(ScriptKey));
        Assert.ThrowsAny<ArgumentException>(() => (Grant with { NotAfter = new DateOnly(2026, 10, 31) }).Seal(ScriptKey));
        Assert.ThrowsAny<ArgumentException>(() => (Grant with { Granted = uint.MaxValue }).Seal(ScriptKey));
        Assert.ThrowsAny<ArgumentException>(() => new RiskLimits(Samples.Card, 1, 6, 5, 0).Seal(ScriptKey));
    }
}
