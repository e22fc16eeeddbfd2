using PCSC;
using PCSC.Exceptions;
using SmartCard.Testing.VirtualReaders;

namespace SmartCard.StandIns.Tests.Pcsc;

// Against the real pcscd with virtual readers: listing, states, cancellation, connecting, exchanging, and the codes of what fails.
public sealed class PcscOverPcscd : IDisposable
{
    private static readonly byte[] Atr = [0x3B, 0x80, 0x80, 0x01, 0x01];
    private static readonly byte[] Ok = [0x90, 0x00];

    private readonly VirtualReader _reader = VirtualReader.Take();
    private readonly ISCardContext _context = ContextFactory.Instance.Establish(SCardScope.System);

    [Fact]
    public void Lists_the_readers()
    {
        Assert.Contains(_reader.Name, _context.GetReaders());
    }

    [Fact]
    public void Tells_at_once_that_a_reader_is_empty()
    {
        Assert.True(State().EventState.HasFlag(SCRState.Empty));
    }

    [Fact]
    public async Task Wakes_when_a_card_is_laid_down_and_knows_its_atr()
    {
        using var card = await ScriptedCard.InsertAsync(_reader, _ => Ok);

        var state = await Reaches(SCRState.Present);

        Assert.Equal(Atr, state.Atr);
    }

    [Fact]
    public void Gives_up_a_wait_after_its_time()
    {
        using var state = State();
        state.CurrentStateValue = state.EventStateValue;

        Assert.Equal(SCardError.Timeout, _context.GetStatusChange(20, [state]));
    }

    [Fact]
    public async Task Ends_a_wait_that_is_cancelled_from_another_thread()
    {
        using var state = State();
        state.CurrentStateValue = state.EventStateValue;
        var wait = Task.Factory.StartNew(() => _context.GetStatusChange(_context.Infinite, [state]), TaskCreationOptions.LongRunning);

        // A cancellation before the wait has begun is lost, so it is repeated.
        while (!wait.IsCompleted)
        {
            _context.Cancel();
            await Task.WhenAny(wait, Task.Delay(10));
        }

        Assert.Equal(SCardError.Cancelled, await wait);
    }

    [Fact]
    public async Task Exchanges_commands_and_answers_of_every_length()
    {
        using var card = await ScriptedCard.InsertAsync(_reader, command => [.. command, .. Ok]);
        await Reaches(SCRState.Present);
        using var reader = _context.ConnectReader(_reader.Name, SCardShareMode.Exclusive, SCardProtocol.Any);
        var buffer = new byte[300];

        for (var length = 4; length <= 256; length += 63)
        {
            var command = new byte[length];
            Assert.Equal(length + 2, reader.Transmit(command, buffer));
            Assert.Equal([.. command, .. Ok], buffer[..(length + 2)]);
        }
        Assert.Equal(SCardProtocol.T1, reader.Protocol);
        Assert.Equal(Atr, reader.GetStatus().GetAtr());
    }

    [Fact]
    public void Names_the_code_when_there_is_no_card()
    {
        var refusal = Assert.ThrowsAny<PCSCException>(() => _context.ConnectReader(_reader.Name, SCardShareMode.Exclusive, SCardProtocol.Any));

        Assert.Equal(SCardError.NoSmartcard, refusal.SCardError);
    }

    [Fact]
    public void Names_the_code_when_there_is_no_such_reader()
    {
        var refusal = Assert.ThrowsAny<PCSCException>(() => _context.ConnectReader("No such reader", SCardShareMode.Exclusive, SCardProtocol.Any));

        Assert.Equal(SCardError.UnknownReader, refusal.SCardError);
    }

    [Fact]
    public async Task Names_the_code_when_another_has_the_card()
    {
        using var card = await ScriptedCard.InsertAsync(_reader, _ => Ok);
        await Reaches(SCRState.Present);
        using var first = _context.ConnectReader(_reader.Name, SCardShareMode.Exclusive, SCardProtocol.Any);
        using var other = ContextFactory.Instance.Establish(SCardScope.System);

        var refusal = Assert.ThrowsAny<PCSCException>(() => other.ConnectReader(_reader.Name, SCardShareMode.Exclusive, SCardProtocol.Any));

        Assert.Equal(SCardError.SharingViolation, refusal.SCardError);
    }

    public void Dispose()
    {
        _context.Dispose();
        _reader.Dispose();
    }

    private SCardReaderState State()
    {
        var state = new SCardReaderState { ReaderName = _reader.Name, CurrentState = SCRState.Unaware };
        Assert.Equal(SCardError.Success, _context.GetStatusChange(0, [state]));
        return state;
    }

    private async Task<SCardReaderState> Reaches(SCRState wanted)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var state = State();
        while (!state.EventState.HasFlag(wanted))
        {
            timeout.Token.ThrowIfCancellationRequested();
            state.CurrentStateValue = state.EventStateValue;
            await Task.Run(() => _context.GetStatusChange(1000, [state]));
        }
        return state;
    }
}
