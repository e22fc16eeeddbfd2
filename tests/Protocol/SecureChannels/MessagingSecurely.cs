using System.Buffers.Binary;
using FsCheck.Fluent;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tests.Cryptography;

namespace SmartCard.Protocol.Tests.SecureChannels;

// Cases: there and back on every level; the bytes by the oracle; empty data in both forms; warnings and errors; long commands; sensitive data; the end of a session.
// What is refused is in TamperingWithASession.
public class MessagingSecurely
{
    private static readonly CommandApdu GenerateAc = new(0x80, 0xAE, 0x90, 0x00, "a draw of bread"u8.ToArray(), 256);
    private static readonly ResponseApdu Signed = new("a signed record"u8.ToArray(), StatusWord.Success);

    [Theory]
    [MemberData(nameof(Sessions.EveryLevel), MemberType = typeof(Sessions))]
    public void Gives_back_every_command_and_every_answer(SecurityLevel level)
    {
        var (host, card) = Sessions.Pair(level);
        Properties.Hold(Exchanges, exchange =>
        {
            Assert.True(card.TryUnwrapCommand(host.WrapCommand(exchange.Command), out var command, out var refusal), refusal.ToString());
            Assert.Equal(exchange.Command, command);
            Assert.True(host.TryUnwrapResponse(card.WrapResponse(exchange.Response), out var response, out refusal), refusal.ToString());
            Assert.Equal(exchange.Response, response);
        }, times: 200);
    }

    [Fact]
    public void Makes_the_bytes_that_Amendment_D_describes()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        var wrapped = host.WrapCommand(GenerateAc);

        var icv = Oracle.AesBlock(Sessions.Enc, CounterBlock(0x00, 1));
        var encrypted = Oracle.AesCbc(Sessions.Enc, icv, Padded(GenerateAc.Data), encrypt: true);
        var chain = Oracle.AesCmac(Sessions.Mac, [.. Sessions.Chain, 0x84, 0xAE, 0x90, 0x00, (byte)(encrypted.Length + 8), .. encrypted]);
        Assert.Equal(new CommandApdu(0x84, 0xAE, 0x90, 0x00, (byte[])[.. encrypted, .. chain[..8]], 256), wrapped);

        Assert.True(card.TryUnwrapCommand(wrapped, out _, out _));
        icv = Oracle.AesBlock(Sessions.Enc, CounterBlock(0x80, 1));
        encrypted = Oracle.AesCbc(Sessions.Enc, icv, Padded(Signed.Data), encrypt: true);
        var rmac = Oracle.AesCmac(Sessions.Rmac, [.. chain, .. encrypted, 0x90, 0x00])[..8];
        Assert.Equal(new ResponseApdu((byte[])[.. encrypted, .. rmac], StatusWord.Success), card.WrapResponse(Signed));
    }

    [Fact]
    public void Accepts_an_empty_command_with_a_padding_block_and_without_one()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        var empty = new CommandApdu(0x80, 0xCA, 0xDF, 0x61, default, 256);
        var bare = host.WrapCommand(empty);
        Assert.Equal(8, bare.Data.Length);
        Assert.True(card.TryUnwrapCommand(bare, out var command, out _));
        Assert.Equal(empty, command);

        // Another host: the second command of the session, an encrypted block of padding alone.
        var icv = Oracle.AesBlock(Sessions.Enc, CounterBlock(0x00, 2));
        var block = Oracle.AesCbc(Sessions.Enc, icv, Padded(default), encrypt: true);
        var chain = Oracle.AesCmac(Sessions.Mac, [.. Sessions.Chain, 0x84, 0xCA, 0xDF, 0x61, 0x08]);
        var mac = Oracle.AesCmac(Sessions.Mac, [.. chain, 0x84, 0xCA, 0xDF, 0x61, 0x18, .. block])[..8];
        Assert.True(card.TryUnwrapCommand(new CommandApdu(0x84, 0xCA, 0xDF, 0x61, (byte[])[.. block, .. mac], 256), out command, out _));
        Assert.Equal(empty, command);
    }

    [Theory]
    [InlineData(0x6283)]
    [InlineData(0x63C2)]
    public void Protects_a_warning_as_it_protects_success(int status)
    {
        var (host, card) = AfterOneCommand(SecurityLevel.Full);
        var warning = new ResponseApdu("part"u8.ToArray(), new StatusWord((ushort)status));
        var wrapped = card.WrapResponse(warning);
        Assert.Equal(24, wrapped.Data.Length);
        Assert.True(host.TryUnwrapResponse(wrapped, out var response, out _));
        Assert.Equal(warning, response);
    }

    [Fact]
    public void Sends_an_error_status_bare_and_goes_on()
    {
        var (host, card) = AfterOneCommand(SecurityLevel.Full);
        var error = card.WrapResponse(new ResponseApdu("secret"u8.ToArray(), StatusWord.ConditionsOfUseNotSatisfied));
        Assert.Equal(new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied), error);
        Assert.True(host.TryUnwrapResponse(error, out _, out _));
        Assert.True(card.TryUnwrapCommand(host.WrapCommand(GenerateAc), out _, out _));
        Assert.True(host.TryUnwrapResponse(card.WrapResponse(Signed), out var response, out _));
        Assert.Equal(Signed, response);
    }

    [Fact]
    public void Carries_239_bytes_in_a_short_command_and_more_in_a_chain()
    {
        var (host, _) = Sessions.Pair(SecurityLevel.Full);
        Assert.False(host.WrapCommand(GenerateAc with { Data = new byte[SecureMessaging.PlaintextBytesMax] }).NeedsExtendedLength);
        Assert.True(host.WrapCommand(GenerateAc with { Data = new byte[SecureMessaging.PlaintextBytesMax + 1] }).NeedsExtendedLength);
    }

    [Fact]
    public void Keeps_the_class_of_the_command_beside_the_protection()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.CMac);
        var wrapped = host.WrapCommand(new CommandApdu(0x00, 0xB2, 0x01, 0x04, default, 256));
        Assert.Equal(0x04, wrapped.Cla);
        Assert.True(card.TryUnwrapCommand(wrapped, out var command, out _));
        Assert.Equal(0x00, command.Cla);
    }

    [Fact]
    public void Moves_keys_under_the_data_encryption_key()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        var key = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
        var encrypted = host.EncryptSensitive(key);
        Assert.Equal(Oracle.AesCbc(Sessions.Dek, new byte[16], key, encrypt: true), encrypted);
        Assert.True(card.TryDecryptSensitive(encrypted, out var plain));
        Assert.Equal(key, plain);
        Assert.False(card.TryDecryptSensitive(encrypted.AsSpan(1), out _));
        Assert.False(card.TryDecryptSensitive([], out _));
    }

    [Fact]
    public void Wipes_its_keys_at_the_end()
    {
        var keys = new SessionKeys(Sessions.Enc, Sessions.Mac, Sessions.Rmac, Sessions.Dek);
        var messaging = new SecureMessaging(keys, SecurityLevel.Full, Sessions.Chain);
        messaging.Dispose();
        Assert.Equal(new byte[64], (byte[])[.. keys.Enc, .. keys.Mac, .. keys.Rmac, .. keys.Dek]);
        Assert.True(messaging.HasEnded);
        Assert.Throws<InvalidOperationException>(() => messaging.WrapCommand(GenerateAc));
        Assert.Throws<InvalidOperationException>(() => messaging.EncryptSensitive(new byte[16]));
        Assert.Equal(new ResponseApdu(StatusWord.SecurityStatusNotSatisfied), messaging.WrapResponse(Signed));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x02)]
    [InlineData(0x10)]
    [InlineData(0x23)]
    [InlineData(0x43)]
    public void Is_not_offered_on_a_level_without_a_command_MAC_or_an_unknown_one(int level) =>
        Assert.Throws<ArgumentException>(() => Sessions.End((SecurityLevel)level));

    private static (SecureMessaging Host, SecureMessaging Card) AfterOneCommand(SecurityLevel level)
    {
        var (host, card) = Sessions.Pair(level);
        Assert.True(card.TryUnwrapCommand(host.WrapCommand(GenerateAc), out _, out _));
        return (host, card);
    }

    private static byte[] CounterBlock(byte flag, ulong counter)
    {
        var block = new byte[16];
        block[0] = flag;
        BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(8), counter);
        return block;
    }

    private static byte[] Padded(ReadOnlyMemory<byte> data)
    {
        var padded = new byte[(data.Length / 16 * 16) + 16];
        data.CopyTo(padded);
        padded[data.Length] = 0x80;
        return padded;
    }

    private static FsCheck.Gen<(CommandApdu Command, ResponseApdu Response)> Exchanges =>
        from header in Properties.Bytes(3)
        from cla in Gen.Elements<byte>(0x00, 0x80)
        from data in Gen.OneOf(Properties.Bytes(0, 239), Properties.Bytes(240, 600))
        from le in Gen.Elements<int?>(null, 1, 256)
        from answer in Properties.Bytes(0, 239)
        from status in Gen.Elements<ushort>(0x9000, 0x6283, 0x63C1, 0x6300)
        select (new CommandApdu(cla, header[0], header[1], header[2], data, le), new ResponseApdu(answer, new StatusWord(status)));
}
