using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Tests.Cryptography;
using SmartCard.Protocol.Tests.Transactions;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Personalisation;

// Cases: there and back; the derivation by the oracle; another bureau, another card, any bit wrong, any bytes; a point off the curve.
public sealed class KeysToTheBureau : IDisposable
{
    private static readonly PersonalisationKeys Keys = new(0x01, Key(1), Key(2), Key(3), Key(4), Key(5));

    private readonly EcKeyPair _bureau = EcKeyPair.Generate();
    private readonly EcKeyPair _backend = EcKeyPair.Generate();

    public void Dispose()
    {
        _bureau.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Arrive_as_they_were_sent()
    {
        var wrapped = BureauKeyTransport.Wrap(Keys, Samples.Card, _bureau.PublicPoint);
        Assert.True(BureauKeyTransport.TryUnwrap(wrapped.Keys, wrapped.BackendPublicKey, Samples.Card, _bureau, out var keys));
        Assert.Equal(
            new[] { Keys.Enc, Keys.Mac, Keys.Dek, Keys.ApplicationCryptogram, Keys.ScriptMac }.Select(key => Convert.ToHexString(key.Span)),
            new[] { keys.Enc, keys.Mac, keys.Dek, keys.ApplicationCryptogram, keys.ScriptMac }.Select(key => Convert.ToHexString(key.Span)));
        Assert.Equal(Keys.KeyVersion, keys.KeyVersion);
    }

    [Fact]
    public void Are_wrapped_as_the_page_says()
    {
        var wrapped = BureauKeyTransport.Wrap(Keys, Samples.Card, _bureau.PublicPoint, _backend);
        var z = Oracle.Ecdh(_bureau.ExportScalar(), _backend.PublicKey.ToPoint());
        byte[] info = [.. "SUBSIDY-PERSO-1"u8, .. Samples.Card.ToBytes(), .. _bureau.PublicPoint, .. _backend.PublicPoint];
        var derived = Oracle.X963Kdf(z, info, 32 + 12);
        byte[] plain = [0x01, 0x01, .. Key(1), .. Key(2), .. Key(3), .. Key(4), .. Key(5)];
        Assert.Equal(Oracle.AesGcm(derived[..32], derived[32..], plain, Samples.Card.ToBytes()), wrapped.Keys);
    }

    [Fact]
    public void Open_for_that_bureau_and_that_card_alone()
    {
        using var other = EcKeyPair.Generate();
        var wrapped = BureauKeyTransport.Wrap(Keys, Samples.Card, _bureau.PublicPoint);
        Assert.False(BureauKeyTransport.TryUnwrap(wrapped.Keys, wrapped.BackendPublicKey, Samples.Card, other, out _));
        Assert.False(BureauKeyTransport.TryUnwrap(wrapped.Keys, other.PublicPoint, Samples.Card, _bureau, out _));
        Assert.False(BureauKeyTransport.TryUnwrap(wrapped.Keys, wrapped.BackendPublicKey, CardNumber.FromPayload(1), _bureau, out _));
    }

    [Fact]
    public void Are_refused_with_any_bit_wrong_and_at_any_other_length()
    {
        var wrapped = BureauKeyTransport.Wrap(Keys, Samples.Card, _bureau.PublicPoint);
        Assert.All(Properties.EverySingleBitFlipOf(wrapped.Keys).Where((_, bit) => bit % 5 == 0), wrong =>
            Assert.False(BureauKeyTransport.TryUnwrap(wrong, wrapped.BackendPublicKey, Samples.Card, _bureau, out _)));
        Assert.All(Properties.EverySingleBitFlipOf(wrapped.BackendPublicKey), wrong =>
            Assert.False(BureauKeyTransport.TryUnwrap(wrapped.Keys, wrong, Samples.Card, _bureau, out _)));
        Assert.False(BureauKeyTransport.TryUnwrap(wrapped.Keys.AsSpan(1), wrapped.BackendPublicKey, Samples.Card, _bureau, out _));
        Assert.False(BureauKeyTransport.TryUnwrap([], [], Samples.Card, _bureau, out _));
    }

    [Fact]
    public void Are_never_wrapped_for_what_is_no_key()
    {
        var point = _bureau.PublicKey.ToPoint();
        point[64] ^= 1;
        Assert.False(BureauKeyTransport.IsUsable(point));
        Assert.Throws<ArgumentException>(() => BureauKeyTransport.Wrap(Keys, Samples.Card, point));
    }

    private static byte[] Key(byte value) => [.. Enumerable.Repeat(value, 16)];
}

public class TheDataOfPersonalisation
{
    [Fact]
    public void Of_PUT_KEY_is_read_whole_or_not_at_all_and_never_throws()
    {
        byte[] aes = [0x88, 0x11, 0x10, .. new byte[16], 0x03, 1, 2, 3];
        byte[] shortAes = [0x88, 0x10, .. new byte[16], 0x03, 1, 2, 3];
        byte[] point = [0xB0, 0x41, .. new byte[65], 0xF0, 0x01, 0x00, 0x00];
        Assert.True(PutKeyData.TryDecode((byte[])[0x30, .. aes, .. aes, .. aes], out var keys));
        Assert.Equal(3, keys.Components.Count);
        Assert.True(PutKeyData.TryDecode((byte[])[0x30, .. shortAes], out _));
        Assert.True(PutKeyData.TryDecode((byte[])[0x01, .. point], out _));
        byte[][] refused = [[], [0x30], [0x30, .. aes, .. aes, .. aes, .. aes], [0x30, .. aes[..^1]], [0x01, .. point[..^1]], [0x30, 0xB1, .. aes[1..]]];
        Assert.All(refused, bytes => Assert.False(PutKeyData.TryDecode(bytes, out _)));
        Properties.Hold(Properties.Bytes(0, 120), bytes => _ = PutKeyData.TryDecode(bytes, out _), times: 2000);
        foreach (var flipped in Properties.EverySingleBitFlipOf([0x30, .. aes, .. aes]))
            _ = PutKeyData.TryDecode(flipped, out _);
    }

    [Fact]
    public void Of_GENERATE_KEY_PAIR_is_a_point_on_the_curve()
    {
        using var key = EcKeyPair.Generate();
        var answer = GenerateKeyPairData.EncodeResponse(key.PublicPoint);
        Assert.True(GenerateKeyPairData.TryDecodeResponse(answer, out var point));
        Assert.Equal(key.PublicKey.ToPoint(), point.ToArray());
        Assert.All(Properties.EverySingleBitFlipOf(answer), wrong => Assert.False(GenerateKeyPairData.TryDecodeResponse(wrong, out _)));
        Assert.False(GenerateKeyPairData.TryDecodeResponse(default, out _));
    }

    [Fact]
    public void Of_STORE_DATA_comes_back_and_never_throws()
    {
        var objects = new StoreDataObjects
        {
            Number = Samples.Card,
            RiskLimits = new CardRiskLimits(3, 5, 5_000),
            ApplicationData = new CardApplicationData(818, 818),
            EncryptedSecretCodes = new byte[16],
        };
        HostileBytes.AgainstCodec(objects.Encode(), bytes => StoreDataObjects.TryDecode(bytes, out var read) && IsInOrder(bytes) ? read.Encode() : null);

        // Any order is read; the order of the page is written.
        static bool IsInOrder(byte[] bytes) => bytes.Length > 0 && bytes[0] == 0x5A;
    }
}
