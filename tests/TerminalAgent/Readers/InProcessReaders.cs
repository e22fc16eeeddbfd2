using SmartCard.Protocol.Apdus;
using SmartCard.TerminalAgent.Readers;

namespace SmartCard.TerminalAgent.Tests.Readers;

public sealed class InProcessReaders : IDisposable
{
    private static readonly CommandApdu Select = new(0x00, 0xA4, 0x04, 0x00, Aid.Subsidy.ToArray(), 256);

    private readonly InProcessCardReader _reader = new("counter");
    private readonly ObedientCard _card = new();

    [Fact]
    public async Task Wait_for_a_card_and_for_its_removal()
    {
        var card = _reader.WaitForCardAsync(CancellationToken.None);
        Assert.False(card.IsCompleted);
        Insert();
        Assert.Equal(Atr.VirtualCard, await card);

        var removal = _reader.WaitForRemovalAsync(CancellationToken.None);
        Assert.False(removal.IsCompleted);
        _reader.Remove();
        await removal;
    }

    [Fact]
    public async Task Stop_waiting_when_the_caller_does()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _reader.WaitForCardAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Exchange_and_reset_before_and_after()
    {
        Insert();

        using (var connection = _reader.Connect())
            Assert.Equal(StatusWord.Success, connection.Transmit(Select).Status);

        Assert.Equal(2, _card.Resets);
    }

    [Fact]
    public void Say_that_no_card_lies_there()
    {
        Assert.Equal(ReaderFailure.NoCard, Assert.Throws<CardReaderException>(_reader.Connect).Failure);
    }

    [Fact]
    public void Lose_the_answer_of_a_card_taken_away_while_it_works()
    {
        Insert();
        using var connection = _reader.Connect();
        _card.WhileWorking = _reader.Remove;

        Assert.Equal(ReaderFailure.CardRemoved, Assert.Throws<CardReaderException>(() => connection.Transmit(Select)).Failure);
        Assert.Equal(1, _card.Commands);
    }

    [Fact]
    public void Take_the_same_card_laid_down_again_for_another_presentation()
    {
        Insert();
        using var connection = _reader.Connect();
        _reader.Remove();
        Insert();

        Assert.Equal(ReaderFailure.CardRemoved, Assert.Throws<CardReaderException>(() => connection.Transmit(Select)).Failure);
    }

    [Fact]
    public void Hold_one_card_at_a_time()
    {
        Insert();

        Assert.Throws<InvalidOperationException>(Insert);
    }

    public void Dispose() => _reader.Dispose();

    private void Insert() => _reader.Insert(_card, Atr.VirtualCard, () => _card.Resets++);

    private sealed class ObedientCard : ICardChannel
    {
        public int Resets { get; set; }

        public int Commands { get; private set; }

        public Action? WhileWorking { get; set; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            Commands++;
            WhileWorking?.Invoke();
            return new ResponseApdu(StatusWord.Success);
        }
    }
}
