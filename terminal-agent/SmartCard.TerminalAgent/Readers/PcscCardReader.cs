using PCSC;
using PCSC.Exceptions;
using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>
/// A reader of the platform's PC/SC service, in a context of its own. Waits block a thread made for them; when reader or
/// service are gone, they begin anew with growing pauses until both are back.
/// </summary>
public sealed class PcscCardReader(string name, IContextFactory contexts, TimeProvider time) : ICardReader
{
    // Bounds the harm of a cancellation that comes just before the wait it should end.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(500);

    private ISCardContext? _context;
    private int? _presentation;

    public string Name { get; } = name;

    public async Task<Atr> WaitForCardAsync(CancellationToken cancellationToken)
    {
        var (state, bytes, _) = await WaitAsync(observed => observed.State.HasFlag(SCRState.Present), cancellationToken);
        if (state.HasFlag(SCRState.Mute) || !Atr.TryCreate(bytes, out var atr))
            throw new CardReaderException(ReaderFailure.CardMute, $"What lies on '{Name}' does not answer to reset.");
        return atr;
    }

    public Task WaitForRemovalAsync(CancellationToken cancellationToken)
    {
        var presentation = _presentation;
        // Taken away and back between two looks, it is another presentation all the same.
        return WaitAsync(
            observed => !observed.State.HasFlag(SCRState.Present) || (presentation is not null && observed.Presentation != presentation),
            cancellationToken,
            isReaderAwaited: false);
    }

    public ICardConnection Connect()
    {
        try
        {
            return new PcscConnection(Context().ConnectReader(Name, SCardShareMode.Exclusive, SCardProtocol.Any));
        }
        catch (PCSCException exception)
        {
            var failure = Failed(exception.SCardError);
            throw new CardReaderException(failure, $"No connection to a card on '{Name}': {exception.Message}", exception);
        }
    }

    public void Dispose() => DropContext();

    private async Task<Observation> WaitAsync(Predicate<Observation> isReached, CancellationToken cancellationToken, bool isReaderAwaited = true)
    {
        var backOff = new BackOff();
        while (true)
        {
            var (observed, error) = await BlockingThread.Run(() => Watch(isReached, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (error == SCardError.Success)
            {
                _presentation = observed.Presentation;
                return observed;
            }
            if (Failed(error) == ReaderFailure.NoReader && !isReaderAwaited)
                return observed;
            await Task.Delay(backOff.Next(), time, cancellationToken);
        }
    }

    // Returns when the state is reached, when the service fails, or when nobody waits any more.
    private (Observation Observed, SCardError Error) Watch(Predicate<Observation> isReached, CancellationToken cancellationToken)
    {
        try
        {
            var context = Context();
            using var state = new SCardReaderState { ReaderName = Name, CurrentState = SCRState.Unaware };
            using var cancellation = cancellationToken.Register(() => context.Cancel());
            while (!cancellationToken.IsCancellationRequested)
            {
                var error = context.GetStatusChange((nint)WaitMax.TotalMilliseconds, [state]);
                if (error is SCardError.Timeout or SCardError.Cancelled)
                    continue;
                if (error != SCardError.Success)
                    return (default, error);
                if ((state.EventState & (SCRState.Unknown | SCRState.Unavailable)) is not SCRState.Unaware)
                    return (default, SCardError.UnknownReader);
                var observed = new Observation(state.EventState, state.Atr, Presentations(state));
                if (isReached(observed))
                    return (observed, SCardError.Success);
                state.CurrentStateValue = state.EventStateValue & ~(nint)SCRState.Changed;
            }
            return (default, SCardError.Cancelled);
        }
        catch (PCSCException exception)
        {
            return (default, exception.SCardError);
        }
    }

    private ISCardContext Context() => _context ??= contexts.Establish(SCardScope.System);

    // A service that went away takes its contexts with it; the next use makes a new one.
    private ReaderFailure Failed(SCardError error)
    {
        var failure = ReaderFailures.From(error);
        if (failure == ReaderFailure.ServiceGone)
            DropContext();
        return failure;
    }

    private void DropContext()
    {
        _context?.Dispose();
        _context = null;
    }

    // The upper half of the event state counts cards that came and went (PC/SC part 5, SCardGetStatusChange).
    private static int Presentations(SCardReaderState state) => (int)(((long)state.EventStateValue >> 16) & 0xFFFF);

    private readonly record struct Observation(SCRState State, byte[] Atr, int Presentation);
}
