using PCSC;
using SmartCard.Protocol.Apdus;
using SmartCard.TerminalAgent.Readers;
using SmartCard.Testing.VirtualReaders;

namespace SmartCard.TerminalAgent.Tests.Readers;

// A PC/SC reader under the real pcscd:
//   waiting: a card there, laid down later, mute, taken away, exchanged for another; the caller gives up; a reader that is absent
//   connecting: exchange, no card, no reader, held by another, reset at the end
//   failing: pulled out during an exchange, an answer that is none
//   foreign cards: not found, and nothing worse
public sealed class PcscReaders : IDisposable
{
    private static readonly CommandApdu SelectSubsidy = new(0x00, 0xA4, 0x04, 0x00, Aid.Subsidy.ToArray(), 256);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly VirtualReader _virtual = VirtualReader.Take();
    private readonly PcscCardReader _reader;

    public PcscReaders() => _reader = Reader(_virtual.Name);

    [Fact]
    public async Task Find_a_card_that_lies_there_already()
    {
        using var card = await InsertAsync();

        Assert.Equal(Atr.VirtualCard, await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public async Task Wait_for_a_card_to_be_laid_down()
    {
        var wait = _reader.WaitForCardAsync(CancellationToken.None);
        Assert.False(wait.IsCompleted);

        using var card = await InsertAsync();

        Assert.Equal(Atr.VirtualCard, await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task Stop_waiting_when_the_caller_does()
    {
        using var caller = new CancellationTokenSource();
        var wait = _reader.WaitForCardAsync(caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task Wait_for_an_absent_reader_until_the_caller_gives_up()
    {
        using var absent = Reader("No such reader");
        using var caller = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => absent.WaitForCardAsync(caller.Token).WaitAsync(Patience));
    }

    [Fact]
    public async Task Say_that_something_lies_there_which_is_no_card()
    {
        using var card = await ScriptedCard.InsertAsync(_virtual, _ => [], atr: [0x42, 0x42]);

        var failure = await Assert.ThrowsAsync<CardReaderException>(() => _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience));

        Assert.Equal(ReaderFailure.CardMute, failure.Failure);
    }

    [Fact]
    public async Task See_a_card_being_taken_away()
    {
        var card = await InsertAsync();
        await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
        var removal = _reader.WaitForRemovalAsync(CancellationToken.None);
        Assert.False(removal.IsCompleted);

        card.Dispose();

        await removal.WaitAsync(Patience);
    }

    [Fact]
    public async Task See_that_a_card_was_exchanged_for_another_while_nobody_looked()
    {
        var first = await InsertAsync();
        await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
        using var bystander = Reader(_virtual.Name);
        first.Dispose();
        await bystander.WaitForRemovalAsync(CancellationToken.None).WaitAsync(Patience);
        using var second = await InsertAsync();
        await bystander.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);

        await _reader.WaitForRemovalAsync(CancellationToken.None).WaitAsync(Patience);
    }

    [Fact]
    public async Task Exchange_commands_and_answers()
    {
        using var card = await InsertAsync(command => [.. command, 0x90, 0x00]);
        using var connection = await ConnectAsync();

        var response = connection.Transmit(SelectSubsidy);

        Assert.Equal(StatusWord.Success, response.Status);
        Assert.Equal(SelectSubsidy.Encode(), response.Data.ToArray());
        Assert.Equal(Atr.VirtualCard, connection.Atr);
    }

    [Fact]
    public void Say_that_no_card_lies_there()
    {
        Assert.Equal(ReaderFailure.NoCard, Assert.Throws<CardReaderException>(_reader.Connect).Failure);
    }

    [Fact]
    public void Say_that_the_reader_is_absent()
    {
        using var absent = Reader("No such reader");

        Assert.Equal(ReaderFailure.NoReader, Assert.Throws<CardReaderException>(absent.Connect).Failure);
    }

    [Fact]
    public async Task Say_that_another_program_holds_the_card()
    {
        using var card = await InsertAsync();
        using var connection = await ConnectAsync();
        using var other = Reader(_virtual.Name);

        Assert.Equal(ReaderFailure.ReaderInUse, Assert.Throws<CardReaderException>(other.Connect).Failure);
    }

    [Fact]
    public async Task Let_the_card_go_so_that_the_next_tap_may_connect()
    {
        using var card = await InsertAsync();
        (await ConnectAsync()).Dispose();

        using var next = _reader.Connect();

        Assert.Equal(StatusWord.Success, next.Transmit(SelectSubsidy).Status);
    }

    [Fact]
    public async Task Say_that_the_card_was_pulled_out_during_an_exchange()
    {
        using var card = await InsertAsync(_ => null);
        using var connection = await ConnectAsync();

        var failure = Assert.Throws<CardReaderException>(() => connection.Transmit(SelectSubsidy));

        Assert.Equal(ReaderFailure.CardRemoved, failure.Failure);
    }

    [Fact]
    public async Task Say_that_a_card_was_pulled_out_between_two_commands()
    {
        var card = await InsertAsync();
        using var connection = await ConnectAsync();
        connection.Transmit(SelectSubsidy);
        card.Dispose();

        var failure = Assert.Throws<CardReaderException>(() => connection.Transmit(SelectSubsidy));

        Assert.Equal(ReaderFailure.CardRemoved, failure.Failure);
    }

    [Fact]
    public async Task Take_an_answer_without_a_status_word_for_no_answer()
    {
        using var card = await InsertAsync(_ => [0x90]);
        using var connection = await ConnectAsync();

        var failure = Assert.Throws<CardReaderException>(() => connection.Transmit(SelectSubsidy));

        Assert.Equal(ReaderFailure.CardMute, failure.Failure);
    }

    [Theory]
    [InlineData("iso7816")]
    [InlineData("ePass")]
    public async Task Hear_from_a_foreign_card_that_it_has_no_such_application(string type)
    {
        using var card = ForeignCard.Insert(_virtual, type);
        await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
        using var connection = _reader.Connect();

        var response = new ApduExchange(connection).Transmit(SelectSubsidy);

        Assert.Equal(StatusWord.FileOrApplicationNotFound, response.Status);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _virtual.Dispose();
    }

    private static PcscCardReader Reader(string name) => new(name, ContextFactory.Instance, TimeProvider.System);

    private Task<ScriptedCard> InsertAsync(Func<byte[], byte[]?>? answer = null) => ScriptedCard.InsertAsync(_virtual, answer ?? (_ => [0x90, 0x00]));

    private async Task<ICardConnection> ConnectAsync()
    {
        await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
        return _reader.Connect();
    }
}
