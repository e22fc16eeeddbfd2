using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.Protocol.Tests.SecureChannels;

// Cases: every level; each field that either side must refuse; order of commands; the sequence counter.
public class OpeningAnScp03Session
{
    private static readonly Scp03StaticKeys Keys = new(
        Convert.FromHexString("404142434445464748494A4B4C4D4E4F"),
        Convert.FromHexString("505152535455565758595A5B5C5D5E5F"),
        Convert.FromHexString("606162636465666768696A6B6C6D6E6F"));

    private static readonly Scp03StaticKeys OtherKeys = new(new byte[16], new byte[16], new byte[16]);

    [Theory]
    [MemberData(nameof(Sessions.EveryLevel), MemberType = typeof(Sessions))]
    public void Works_on_every_level_and_ends_in_a_channel(SecurityLevel level)
    {
        using var card = new TestCard(Keys);
        var outcome = Scp03Host.Open(card, Keys, level, keyVersion: 0x30, new CountingRandom());
        Assert.True(outcome.IsOpen, outcome.Refusal.ToString());
        Assert.Equal((level, StatusWord.Success), (outcome.Channel.Level, outcome.Status));
        for (var i = 0; i < 3; i++)
            Assert.Equal("5A", Convert.ToHexString(outcome.Channel.Transmit(new CommandApdu(0x80, 0xE2, 0x00, 0x00, new byte[i], 256)).Data.Span));
    }

    [Fact]
    public void Works_with_version_00_which_means_any()
    {
        using var card = new TestCard(Keys);
        Assert.True(Scp03Host.Open(card, Keys, SecurityLevel.Full, keyVersion: 0x00, new CountingRandom()).IsOpen);
    }

    [Fact]
    public void Is_refused_by_the_host_when_the_card_has_other_keys()
    {
        using var card = new TestCard(OtherKeys);
        var outcome = Scp03Host.Open(card, Keys, SecurityLevel.Full, keyVersion: 0x30, new CountingRandom());
        Assert.Equal(SecureChannelRefusal.NotAuthentic, outcome.Refusal);
        Assert.False(outcome.IsOpen);
    }

    [Fact]
    public void Is_refused_by_the_card_when_it_has_no_such_key_version()
    {
        using var card = new TestCard(Keys);
        var outcome = Scp03Host.Open(card, Keys, SecurityLevel.Full, keyVersion: 0x31, new CountingRandom());
        Assert.Equal((SecureChannelRefusal.CardRefused, StatusWord.ReferencedDataNotFound), (outcome.Refusal, outcome.Status));
    }

    [Fact]
    public void Is_refused_by_the_host_whichever_bit_of_the_cards_answer_was_turned()
    {
        using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
        var host = new Scp03Host(Keys, SecurityLevel.Full, 0x30, new byte[8]);
        var answer = card.InitializeUpdate(host.InitializeUpdate, sequenceCounter: 1).Data.ToArray();
        var bit = 0;
        foreach (var flipped in Properties.EverySingleBitFlipOf(answer))
        {
            var accepted = host.TryAuthenticate(new ResponseApdu(flipped, StatusWord.Success), out _, out var messaging, out var refusal);

            // Nothing secret hangs on the diversification data, on bits of i that the level does not need, or on the counter that is only told.
            var told = bit / 8 is < 10 or >= 29 || (bit / 8 == 12 && bit % 8 is not (5 or 6));
            Assert.Equal(told, accepted);
            Assert.Equal(!told, refusal != SecureChannelRefusal.None);
            messaging?.Dispose();
            bit++;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(28)]
    [InlineData(30)]
    [InlineData(33)]
    public void Is_refused_by_the_host_when_the_cards_answer_has_another_length(int length)
    {
        var host = new Scp03Host(Keys, SecurityLevel.Full, 0x30, new byte[8]);
        Assert.False(host.TryAuthenticate(new ResponseApdu(new byte[length], StatusWord.Success), out _, out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.Malformed, refusal);
    }

    [Fact]
    public void Is_refused_by_the_host_when_the_card_cannot_protect_answers()
    {
        using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
        var host = new Scp03Host(Keys, SecurityLevel.Full, 0x30, new byte[8]);
        var answer = card.InitializeUpdate(host.InitializeUpdate, sequenceCounter: 1).Data.ToArray();
        answer[12] = 0x10;
        Assert.False(host.TryAuthenticate(new ResponseApdu(answer, StatusWord.Success), out _, out _, out var refusal));
        Assert.Equal(SecureChannelRefusal.NotOffered, refusal);
    }

    [Fact]
    public void Is_refused_by_the_card_whichever_bit_of_EXTERNAL_AUTHENTICATE_was_turned()
    {
        var right = ExternalAuthenticateFor(new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]));
        foreach (var flipped in Properties.EverySingleBitFlipOf(right.Data.ToArray()))
        {
            using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
            ExternalAuthenticateFor(card);
            var status = card.ExternalAuthenticate(right with { Data = flipped }, out var session).Status;
            Assert.Null(session);
            Assert.Contains(status, new[] { StatusWord.AuthenticationFailed, StatusWord.SecurityStatusNotSatisfied });

            // The try is over: the right command is too late.
            Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, card.ExternalAuthenticate(right, out _).Status);
        }
    }

    [Fact]
    public void Is_refused_by_the_card_when_the_level_was_changed_on_the_way()
    {
        foreach (var level in Enumerable.Range(0, 256).Where(level => level != (int)SecurityLevel.Full))
        {
            using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
            var right = ExternalAuthenticateFor(card);
            var status = card.ExternalAuthenticate(right with { P1 = (byte)level }, out var session).Status;
            Assert.Null(session);
            var expected = ((SecurityLevel)level).IsSupported() ? StatusWord.SecurityStatusNotSatisfied : StatusWord.IncorrectParameters;
            Assert.Equal(expected, status);
        }
    }

    [Fact]
    public void Needs_INITIALIZE_UPDATE_first()
    {
        using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, card.ExternalAuthenticate(new CommandApdu(0x84, 0x82, 0x33, 0x00, new byte[16], null), out _).Status);
    }

    [Fact]
    public void Has_another_challenge_for_every_count_and_none_beyond_the_counters_end()
    {
        using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
        var command = new CommandApdu(0x80, 0x50, 0x30, 0x00, new byte[8], 256);
        var challenges = Enumerable.Range(1, 50).Select(count => Convert.ToHexString(card.InitializeUpdate(command, (uint)count).Data.Span[13..21]));
        Assert.Equal(50, challenges.Distinct().Count());
        Assert.Equal("FFFFFF", Convert.ToHexString(card.InitializeUpdate(command, 0xFF_FFFF).Data.Span[29..]));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, card.InitializeUpdate(command, 0x100_0000).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, card.InitializeUpdate(command, 0).Status);
    }

    [Theory]
    [InlineData(0x31, 0x00, 8, "6A88")]
    [InlineData(0x30, 0x01, 8, "6A86")]
    [InlineData(0x30, 0x00, 7, "6700")]
    [InlineData(0x30, 0x00, 0, "6700")]
    public void Is_refused_by_the_card_when_INITIALIZE_UPDATE_is_not_as_it_should_be(byte p1, byte p2, int length, string status)
    {
        using var card = new Scp03Card(Keys, 0x30, Aid.Subsidy, new byte[10]);
        Assert.Equal(status, card.InitializeUpdate(new CommandApdu(0x80, 0x50, p1, p2, new byte[length], 256), 1).Status.ToString());
    }

    private static CommandApdu ExternalAuthenticateFor(Scp03Card card)
    {
        var host = new Scp03Host(Keys, SecurityLevel.Full, 0x30, new byte[8]);
        Assert.True(host.TryAuthenticate(card.InitializeUpdate(host.InitializeUpdate, 1), out var command, out var messaging, out _));
        messaging.Dispose();
        return command;
    }

    private sealed class CountingRandom : IRandomSource
    {
        private byte _next;

        public void Fill(Span<byte> destination)
        {
            foreach (ref var b in destination)
                b = _next++;
        }
    }

    private sealed class TestCard(Scp03StaticKeys keys) : ICardChannel, IDisposable
    {
        private readonly Scp03Card _handshake = new(keys, 0x30, Aid.Subsidy, new byte[10]);
        private CardUnderSecureMessaging? _session;
        private uint _counter;

        public ResponseApdu Transmit(CommandApdu command)
        {
            if (command.Ins == Instruction.InitializeUpdate)
                return _handshake.InitializeUpdate(command, ++_counter);
            if (command.Ins != Instruction.ExternalAuthenticate)
                return _session?.Transmit(command) ?? new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);
            var answer = _handshake.ExternalAuthenticate(command, out var messaging);
            if (messaging is not null)
                _session = new CardUnderSecureMessaging(messaging, _ => new ResponseApdu(new byte[] { 0x5A }, StatusWord.Success));
            return answer;
        }

        public void Dispose() => _handshake.Dispose();
    }
}
