using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tests.Cryptography;

namespace SmartCard.Protocol.Tests.SecureChannels;

// Cases: any one bit of a command, of an answer; commands repeated, dropped, unprotected; answers repeated, bare, with data; padding under a right MAC.
public class TamperingWithASession
{
    private static readonly CommandApdu GenerateAc = new(0x80, 0xAE, 0x90, 0x00, "a draw of bread"u8.ToArray(), 256);
    private static readonly ResponseApdu Signed = new("a signed record"u8.ToArray(), StatusWord.Success);

    [Theory]
    [MemberData(nameof(Sessions.EveryLevel), MemberType = typeof(Sessions))]
    public void Is_refused_whichever_bit_of_a_command_was_turned_and_ends_the_session(SecurityLevel level)
    {
        // Without Le: the standard leaves it outside the MAC, and it changes nothing but how much may be answered.
        var bytes = Sessions.End(level).WrapCommand(GenerateAc with { Le = null }).Encode();
        Assert.All(Properties.EverySingleBitFlipOf(bytes), flipped =>
        {
            var card = Sessions.End(level);
            if (!CommandApdu.TryParse(flipped, out var command, out _))
                return; // a turned bit of Lc: refused with 6700 before secure messaging
            Assert.False(card.TryUnwrapCommand(command, out var plain, out var refusal));
            Assert.Null(plain);
            Assert.NotEqual(SecureChannelRefusal.None, refusal);
            AssertEnded(card, level);
        });
    }

    [Theory]
    [MemberData(nameof(Sessions.EveryLevelWithRMac), MemberType = typeof(Sessions))]
    public void Is_refused_whichever_bit_of_an_answer_was_turned_and_ends_the_session(SecurityLevel level)
    {
        foreach (var answer in new[] { Signed, Signed with { Status = new StatusWord(0x6283) }, new ResponseApdu(StatusWord.Success), new ResponseApdu(StatusWord.TriesLeft(2)) })
        {
            var (host, card) = Sessions.Pair(level);
            Assert.True(card.TryUnwrapCommand(host.WrapCommand(GenerateAc), out _, out _));
            var bytes = card.WrapResponse(answer).Encode();
            Assert.All(Properties.EverySingleBitFlipOf(bytes), flipped =>
            {
                var again = Sessions.End(level);
                again.WrapCommand(GenerateAc);
                Assert.True(ResponseApdu.TryParse(flipped, out var response));
                Assert.False(again.TryUnwrapResponse(response, out _, out var refusal), response.Status.ToString());
                Assert.NotEqual(SecureChannelRefusal.None, refusal);
                Assert.True(again.HasEnded);
            });
        }
    }

    [Fact]
    public void Is_refused_when_a_command_comes_twice()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        var wrapped = host.WrapCommand(GenerateAc);
        Assert.True(card.TryUnwrapCommand(wrapped, out _, out _));
        Assert.False(card.TryUnwrapCommand(wrapped, out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.BadMac, refusal);
    }

    [Fact]
    public void Is_refused_when_a_command_was_held_back()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.CMac);
        host.WrapCommand(GenerateAc);
        Assert.False(card.TryUnwrapCommand(host.WrapCommand(GenerateAc), out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.BadMac, refusal);
    }

    [Fact]
    public void Is_refused_when_a_command_comes_unprotected_or_too_short_or_on_another_channel()
    {
        foreach (var command in new[]
        {
            GenerateAc,
            new CommandApdu(0x84, 0xAE, 0x90, 0x00, new byte[7], 256),
            Sessions.End(SecurityLevel.Full).WrapCommand(GenerateAc) with { Cla = 0x85 },
            Sessions.End(SecurityLevel.Full).WrapCommand(GenerateAc) with { Cla = 0xC4 },
        })
        {
            var card = Sessions.End(SecurityLevel.Full);
            Assert.False(card.TryUnwrapCommand(command, out _, out var refusal));
            Assert.Equal(SecureChannelRefusal.NotProtected, refusal);
            AssertEnded(card, SecurityLevel.Full);
        }
    }

    [Fact]
    public void Is_refused_when_the_padding_is_wrong_under_a_right_MAC()
    {
        var icv = Oracle.AesBlock(Sessions.Enc, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        byte[][] paddings = [new byte[16], [.. new byte[15], 0x81], [0x80, .. new byte[31]], [.. new byte[12]]];
        foreach (var padding in paddings)
        {
            var body = padding.Length % 16 == 0 ? Oracle.AesCbc(Sessions.Enc, icv, padding, encrypt: true) : padding;
            var mac = Oracle.AesCmac(Sessions.Mac, [.. Sessions.Chain, 0x84, 0xAE, 0x90, 0x00, (byte)(body.Length + 8), .. body])[..8];
            var card = Sessions.End(SecurityLevel.Full);
            Assert.False(card.TryUnwrapCommand(new CommandApdu(0x84, 0xAE, 0x90, 0x00, (byte[])[.. body, .. mac], null), out _, out var refusal));
            Assert.Equal(SecureChannelRefusal.BadPadding, refusal);
            AssertEnded(card, SecurityLevel.Full);
        }
    }

    [Fact]
    public void Is_refused_when_a_success_comes_without_its_MAC_or_an_error_with_data()
    {
        foreach (var answer in new[]
        {
            new ResponseApdu(StatusWord.Success),
            new ResponseApdu(new byte[7], StatusWord.Success),
            new ResponseApdu(new byte[16], StatusWord.ConditionsOfUseNotSatisfied),
        })
        {
            var host = Sessions.End(SecurityLevel.Full);
            host.WrapCommand(GenerateAc);
            Assert.False(host.TryUnwrapResponse(answer, out _, out var refusal));
            Assert.Equal(SecureChannelRefusal.NotProtected, refusal);
            Assert.True(host.HasEnded);
        }
    }

    [Fact]
    public void Is_refused_when_an_old_answer_comes_again()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        Assert.True(card.TryUnwrapCommand(host.WrapCommand(GenerateAc), out _, out _));
        var first = card.WrapResponse(Signed);
        Assert.True(host.TryUnwrapResponse(first, out _, out _));
        host.WrapCommand(GenerateAc);
        Assert.False(host.TryUnwrapResponse(first, out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.BadMac, refusal);
    }

    [Fact]
    public void Never_throws_whatever_command_or_answer_arrives()
    {
        Properties.Hold(Properties.Bytes(2, 300), bytes =>
        {
            var card = Sessions.End(SecurityLevel.Full);
            if (CommandApdu.TryParse(bytes, out var command, out _))
                Assert.False(card.TryUnwrapCommand(command, out _, out _));
            var host = Sessions.End(SecurityLevel.Full);
            if (ResponseApdu.TryParse(bytes, out var response) && response.Data.Length > 0)
                Assert.False(host.TryUnwrapResponse(response, out _, out _));
        }, times: 2000);
    }

    [Fact]
    public void Shows_to_the_terminal_as_a_refusal_and_then_as_no_session()
    {
        var (host, card) = Sessions.Pair(SecurityLevel.Full);
        var link = new CardUnderSecureMessaging(card, _ => Signed);
        using var channel = new SecureCardChannel(link, host);
        Assert.Equal(Signed, channel.Transmit(GenerateAc));

        link.OnTheWire = response => response with { Data = response.Data[1..] };
        Assert.Equal(StatusWord.SecureMessagingObjectsIncorrect, channel.Transmit(GenerateAc).Status);
        Assert.Equal((false, SecureChannelRefusal.BadMac), (channel.IsOpen, channel.Refusal));
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, channel.Transmit(GenerateAc).Status);
    }

    private static void AssertEnded(SecureMessaging card, SecurityLevel level)
    {
        Assert.True(card.HasEnded);
        Assert.False(card.TryUnwrapCommand(Sessions.End(level).WrapCommand(GenerateAc), out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.NoSession, refusal);
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, refusal.ToStatusWord());
    }
}
