using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>A reader without hardware: the card is an object of this process. <see cref="Insert"/> and <see cref="Remove"/> are the citizen's hand.</summary>
public sealed class InProcessCardReader(string name) : ICardReader
{
    private readonly Lock _lock = new();
    private Slot? _card;
    private Slot? _seen;
    private TaskCompletionSource _changed = NewSignal();

    public string Name { get; } = name;

    /// <summary>Lays a card on the reader.</summary>
    /// <param name="card">Answers the commands; a card emulation's in-process link.</param>
    /// <param name="atr">What it answers to reset.</param>
    /// <param name="reset">Called when the card gets power and when it loses it: its session ends. May be null for a card without sessions.</param>
    /// <exception cref="InvalidOperationException">A card lies there already.</exception>
    public void Insert(ICardChannel card, Atr atr, Action? reset = null)
    {
        lock (_lock)
        {
            if (_card is not null)
                throw new InvalidOperationException($"A card lies on '{Name}' already.");
            _card = new Slot(card, atr, reset);
            Signal();
        }
    }

    /// <summary>Takes the card away, even in the middle of an exchange: the next command fails with <see cref="ReaderFailure.CardRemoved"/>.</summary>
    public void Remove()
    {
        Slot? removed;
        lock (_lock)
        {
            removed = _card;
            _card = null;
            Signal();
        }
        removed?.Reset?.Invoke();
    }

    public async Task<Atr> WaitForCardAsync(CancellationToken cancellationToken)
    {
        _seen = await WaitAsync(card => card is not null, cancellationToken);
        return _seen!.Atr;
    }

    public Task WaitForRemovalAsync(CancellationToken cancellationToken)
    {
        var seen = _seen;
        // Another card in its place is a removal too.
        return WaitAsync(card => card is null || (seen is not null && card != seen), cancellationToken);
    }

    public ICardConnection Connect()
    {
        var card = Current() ?? throw new CardReaderException(ReaderFailure.NoCard, $"No card lies on '{Name}'.");
        card.Reset?.Invoke();
        return new Connection(this, card);
    }

    public void Dispose() => Remove();

    private async Task<Slot?> WaitAsync(Predicate<Slot?> isReached, CancellationToken cancellationToken)
    {
        while (true)
        {
            Slot? card;
            Task changed;
            lock (_lock)
            {
                card = _card;
                changed = _changed.Task;
            }
            if (isReached(card))
                return card;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private Slot? Current()
    {
        lock (_lock)
            return _card;
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A class, not a record: the same card laid down again is another presentation.
    private sealed class Slot(ICardChannel channel, Atr atr, Action? reset)
    {
        public ICardChannel Channel { get; } = channel;

        public Atr Atr { get; } = atr;

        public Action? Reset { get; } = reset;
    }

    private sealed class Connection(InProcessCardReader reader, Slot card) : ICardConnection
    {
        public Atr Atr => card.Atr;

        public ResponseApdu Transmit(CommandApdu command)
        {
            ThrowIfRemoved();
            var response = card.Channel.Transmit(command);
            // A card taken away while it computed has done its work, but nobody hears of it.
            ThrowIfRemoved();
            return response;
        }

        public void Dispose()
        {
            if (reader.Current() == card)
                card.Reset?.Invoke();
        }

        private void ThrowIfRemoved()
        {
            if (reader.Current() != card)
                throw new CardReaderException(ReaderFailure.CardRemoved, $"The card was taken from '{reader.Name}'.");
        }
    }
}
