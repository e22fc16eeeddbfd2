using SmartCard.Protocol.Transactions;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Network;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.World;
using SmartCard.TerminalAgent;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using Terminal = SmartCard.TerminalAgent.Terminal;

namespace SmartCard.Simulate.Terminals;

/// <summary>
/// A counter: the real terminal on a folder of its own, in a process that may be killed at any step and starts again on the files as they lie; and the merchant
/// behind it, who hands over goods for an approved receipt and for nothing else.
/// </summary>
internal sealed class TerminalStation : IDisposable
{
    private readonly SimulatedWorld _world;
    private readonly SimulatedReader _reader;
    private readonly SimulatedTime _clock;
    private SimulatedProcess _process;
    private Terminal? _recovered;
    private Terminal? _terminal;
    private SimulatedCard? _served;
    private string? _folder;
    private bool _isSending;

    public TerminalStation(Merchant merchant, SimulatedWorld world)
    {
        (Merchant, _world) = (merchant, world);
        _clock = new SimulatedTime(world.Scheduler);
        _reader = new SimulatedReader(merchant.Name, world.Faults, world.Chance, MayDieAt);
        _process = NewProcess();
        _process.Kill();
    }

    public Merchant Merchant { get; }

    public string Name => Merchant.Name;

    public bool IsAlive => _process.IsAlive;

    public bool IsOpen => IsAlive && _terminal is not null;

    /// <summary>True from a card laid down to its receipt.</summary>
    public bool IsServing => _served is not null;

    /// <summary>What its clock is ahead of the true time.</summary>
    public TimeSpan ClockOffset
    {
        get => _clock.Offset;
        set => _clock.Offset = value;
    }

    /// <summary>Of the process that runs, whether or not it may sell; null where none does.</summary>
    public TerminalJournalView? Journal => _recovered is { } terminal ? new TerminalJournalView(terminal) : null;

    public void Start()
    {
        var folder = _world.NewFolder(Name);
        if (_folder is null || _world.Plants.TerminalForgetsJournal)
            _world.Bureau.CopyTerminal(Merchant, folder);
        else
            TerminalFolder.Copy(_folder, folder);
        _folder = folder;
        _process = NewProcess();
        _world.Trace.Add(Name, "starts");
        _process.Start(async () =>
        {
            // Lines break often here: a terminal that does not trust one for long would serve nobody with a line.
            var options = new TerminalOptions { DataFolder = folder, Random = _world.Chance, LineHoldDown = TimeSpan.FromSeconds(2) };
            var line = new Line(_world.Network, _process, options.Deadlines, MayDieAt);
            var terminal = await Terminal.OpenAsync(options, _reader, _clock, line, CancellationToken.None);
            _world.Abandoned.Add(terminal);
            _recovered = terminal;
            // Nothing can be sold before the first parameters have come.
            while (terminal.Parameters is null)
            {
                await _process.PauseAsync(TimeSpan.FromSeconds(20));
                await terminal.RefreshAsync();
            }

            _world.Trace.Add(Name, $"is open, {terminal.Recovery}, unsent {terminal.Journal.CountUnsent()}");
            _terminal = terminal;
            LookAtLastReceipt(terminal);
        });
    }

    public void Kill()
    {
        if (!IsAlive)
            return;
        _process.Kill();
        _world.Trace.Add(Name, "dies");
        (_recovered, _terminal) = (null, null);
        _isSending = false;
        EndService();
    }

    /// <summary>Serves a card. A null basket: the citizen only wants to see what is left, and a draw that was cut off before is settled on the way.</summary>
    /// <param name="hurries">Knows what to buy; others take their time.</param>
    public void Tap(SimulatedCard card, Func<CardView, IReadOnlyList<BasketLine>?> choose, bool hurries = false, bool givesUpAfterwards = false)
    {
        _served = card;
        _reader.Lay(card);
        _world.Trace.Add(Name, $"{card.Name} is tapped");
        _process.Start(async () =>
        {
            var result = await _terminal!.TapAsync(async (view, _) =>
            {
                await _process.PauseAsync(_world.Chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(hurries ? 0.05 : 20)));
                MayDieAt(FaultKind.TerminalDiesBeforeIntent);
                var basket = choose(view);
                if (basket is not null)
                    _world.Baskets.Know(basket);
                return basket;
            });
            MayDieAt(FaultKind.TerminalDiesBeforeReceipt);
            EndService();
            _world.Trace.Add(Name, $"receipt for {card.Name}: {Describe(result)}");
            if (result is { Outcome.IsApproved: true, TransactionId: { } transaction })
                await HandOverAsync(_terminal, transaction, givesUp: givesUpAfterwards && !result.IsRecovered);
            if (result.Outcome.Kind == TapOutcomeKind.NoAnswer)
                Send();
        });
    }

    /// <summary>Sends what is unsent, as its background sender does; one round at a time.</summary>
    public void Send()
    {
        if (_isSending || !IsOpen)
            return;
        _isSending = true;
        _process.Start(async () =>
        {
            var report = await _terminal!.SendUnsentAsync();
            _isSending = false;
            _world.Trace.Add(Name, $"sent: {report.Reversed} reversed, {report.Presented} presented, {report.Remaining} left{(report.IsLineDown ? ", no line" : "")}");
        });
    }

    public void Refresh() => _process.Start(async () =>
    {
        var answered = await _terminal!.RefreshAsync();
        _world.Trace.Add(Name, $"refreshed: {answered}");
    });

    public void CloseBatch(bool evenIfUnsent) => _process.Start(async () =>
    {
        var outcome = await _terminal!.CloseBatchAsync(evenIfUnsent);
        _world.Trace.Add(Name, $"Z: {outcome.GetType().Name}");
    });

    public void Dispose() => _reader.Dispose();

    private SimulatedProcess NewProcess() => new(_world.Scheduler, Name, _world.Crashed);

    private void MayDieAt(FaultKind kind)
    {
        if (!_world.Faults.Strikes(kind, Name))
            return;
        Kill();
        throw new TerminalDiedException();
    }

    private void EndService()
    {
        _reader.TakeAway();
        if (_served is { } card)
            _world.CardCommits.Read(card);
        _served = null;
    }

    /// <summary>After a break the merchant looks at the journal: what it says was approved is handed over, unless it already was.</summary>
    private void LookAtLastReceipt(Terminal terminal)
    {
        if (terminal.Journal.FindLast() is { CountsAsDrawn: true } last && !_world.Goods.WereHandedOver(last.TransactionId))
            _process.Start(() => HandOverAsync(terminal, last.TransactionId, givesUp: _world.Chance.Next(4) == 0));
    }

    /// <summary>A draw with a line may be given up instead, because the citizen has left or changed their mind.</summary>
    private async Task HandOverAsync(Terminal terminal, TransactionId transaction, bool givesUp)
    {
        if (givesUp && await terminal.CancelAsync(transaction))
        {
            _world.Trace.Add(Name, $"gives up {Short(transaction)}");
            return;
        }

        _world.Goods.HandOver(transaction, Name);
        _world.Trace.Add(Name, $"hands over {Short(transaction)}");
    }

    private static string Describe(TapResult result) =>
        $"{result.Outcome.Kind} {(result.Outcome.Kind == TapOutcomeKind.Declined ? result.Outcome.Decline : "")} {(result.TransactionId is { } id ? Short(id) : "-")}{(result.IsRecovered ? " recovered" : "")}";

    private static string Short(TransactionId transaction) => transaction.ToString()[..8];
}

/// <summary>A terminal's journal as an auditor reads it.</summary>
internal sealed class TerminalJournalView(Terminal terminal)
{
    public int CountUnsent() => terminal.Journal.CountUnsent();

    public int CountTorn() => terminal.Journal.CountTorn();

    public JournalEntry? Find(TransactionId transaction) => terminal.Journal.Find(transaction);

    public JournalEntry? FindTorn(CardNumber card) => terminal.Journal.FindTorn(card);

    /// <summary>Every draw, batch after batch.</summary>
    public IEnumerable<JournalEntry> Entries()
    {
        for (long sequence = 1; terminal.Journal.Find(sequence) is { } entry; sequence++)
            yield return entry;
    }
}
