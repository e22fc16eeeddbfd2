using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.Tests.Apdus;

// Cases: there and back; one part; too long; broken into by another command; abandoned; reset.
public class ChainingCommands
{
    private static readonly CommandApdu Long = new(0x80, 0x2A, 0x01, 0x10, new byte[600], 256);

    [Fact]
    public void Gives_back_every_command_that_was_split() => Properties.Hold(Properties.Bytes(0, CommandChaining.DataBytesMax), data =>
    {
        var command = new CommandApdu(0x80, 0xE2, 0x91, 0x00, data, 256);
        var card = new CommandChaining();
        foreach (var part in CommandChaining.Split(command))
        {
            Assert.False(part.NeedsExtendedLength);
            if (!card.TryCollect(part, out var whole, out var answer))
            {
                Assert.Equal(StatusWord.Success, answer);
                continue;
            }

            Assert.Equal(command, whole);
            Assert.False(card.IsOpen);
            return;
        }

        Assert.Fail("The last part completes the command.");
    }, times: 200);

    [Fact]
    public void Marks_all_parts_but_the_last_and_asks_for_an_answer_once()
    {
        var parts = CommandChaining.Split(Long).ToList();
        Assert.Equal([0x90, 0x90, 0x80], parts.Select(part => part.Cla));
        Assert.Equal([255, 255, 90], parts.Select(part => part.Data.Length));
        Assert.Equal([null, null, 256], parts.Select(part => part.Le));
    }

    [Fact]
    public void Leaves_a_short_command_alone()
    {
        var command = new CommandApdu(0x00, 0xA4, 0x04, 0x00, new byte[8], 256);
        Assert.Equal([command], CommandChaining.Split(command));
    }

    [Fact]
    public void Answers_6883_when_another_command_breaks_in_and_starts_afresh()
    {
        var card = new CommandChaining();
        var parts = CommandChaining.Split(Long).ToList();
        Assert.False(card.TryCollect(parts[0], out _, out _));
        Assert.False(card.TryCollect(new CommandApdu(0x00, 0xB2, 0x01, 0x04), out _, out var answer));
        Assert.Equal(StatusWord.LastCommandOfChainExpected, answer);
        Assert.True(card.TryCollect(parts[2], out var whole, out _));
        Assert.Equal(90, whole.Data.Length);
    }

    [Fact]
    public void Answers_6700_when_the_chain_grows_beyond_2048_bytes()
    {
        var card = new CommandChaining();
        var part = new CommandApdu(0x90, 0xE2, 0x00, 0x00, new byte[255], null);
        for (var i = 0; i < 8; i++)
            Assert.False(card.TryCollect(part, out _, out _));
        Assert.False(card.TryCollect(part, out _, out var answer));
        Assert.Equal(StatusWord.WrongLength, answer);
        Assert.False(card.IsOpen);
    }

    [Fact]
    public void Never_throws_whatever_parts_arrive()
    {
        var card = new CommandChaining();
        Properties.Hold(Properties.Bytes(4, 260), bytes =>
        {
            if (CommandApdu.TryParse(bytes, out var part, out _))
                card.TryCollect(part, out _, out _);
        }, times: 3000);
    }
}

public class ExchangingApdus
{
    private static readonly CommandApdu GetCertificate = new(0x80, 0xCA, 0x7F, 0x21, default, 256);

    [Fact]
    public void Fetches_a_long_answer_with_GET_RESPONSE()
    {
        var card = new ScriptedCard("AABB6102", "CCDD9000");
        var answer = new ApduExchange(card).Transmit(GetCertificate);
        Assert.Equal("AABBCCDD9000", Convert.ToHexString(answer.Encode()));
        Assert.Equal("00C0000002", Convert.ToHexString(card.Received[1].Encode()));
    }

    [Fact]
    public void Repeats_a_command_with_the_Le_that_the_card_names()
    {
        var card = new ScriptedCard("6C02", "AABB9000");
        Assert.Equal("AABB9000", Convert.ToHexString(new ApduExchange(card).Transmit(GetCertificate).Encode()));
        Assert.Equal(2, card.Received[1].Le);
    }

    [Fact]
    public void Never_repeats_a_protected_command_because_its_MAC_is_spent()
    {
        var card = new ScriptedCard("6C02");
        var answer = new ApduExchange(card).Transmit(GetCertificate with { Cla = 0x84, Data = new byte[8] });
        Assert.Equal("6C02", answer.Status.ToString());
    }

    [Fact]
    public void Stops_a_chain_at_the_first_refusal()
    {
        var card = new ScriptedCard("9000", "6883");
        var answer = new ApduExchange(card).Transmit(new CommandApdu(0x80, 0x2A, 0x01, 0x10, new byte[600], null));
        Assert.Equal(StatusWord.LastCommandOfChainExpected, answer.Status);
        Assert.Equal(2, card.Received.Count);
    }

    [Fact]
    public void Gives_up_on_a_card_that_never_stops_answering_more()
    {
        var card = new EndlessCard();
        Assert.Equal(StatusWord.NoPreciseDiagnosis, new ApduExchange(card).Transmit(GetCertificate).Status);
        Assert.InRange(card.Answers, 1, 65);
    }

    private sealed class ScriptedCard(params string[] answers) : ICardChannel
    {
        public List<CommandApdu> Received { get; } = [];

        public ResponseApdu Transmit(CommandApdu command)
        {
            Received.Add(command);
            Assert.True(ResponseApdu.TryParse(Convert.FromHexString(answers[Received.Count - 1]), out var response));
            return response;
        }
    }

    private sealed class EndlessCard : ICardChannel
    {
        public int Answers { get; private set; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            Answers++;
            return new ResponseApdu(new byte[1], StatusWord.MoreDataAvailable(1));
        }
    }
}
