using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.World;
using SmartCard.TerminalAgent.Readers;

namespace SmartCard.Simulate.Terminals;

/// <summary>A terminal's reader and what befalls the card on it: it may be torn out before or after any command, or lose its power in the middle of a write.</summary>
internal sealed class SimulatedReader(string name, FaultPlan faults, Chance chance, Action<FaultKind> mayDieAt) : ICardReader
{
    /// <summary>A draw writes twice: its counter, then its record.</summary>
    private const int WritesOfADraw = 2;

    private SimulatedCard? _card;

    public string Name => name;

    public void Lay(SimulatedCard card)
    {
        card.IsInUse = true;
        _card = card;
    }

    public void TakeAway()
    {
        if (_card is { } card)
            card.IsInUse = false;
        _card = null;
    }

    public Task<Atr> WaitForCardAsync(CancellationToken cancellationToken) => Task.FromResult(Atr.VirtualCard);

    public Task WaitForRemovalAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ICardConnection Connect() => _card is { } card
        ? new Connection(this, card)
        : throw new CardReaderException(ReaderFailure.NoCard, "No card lies here.");

    public void Dispose() => TakeAway();

    private sealed class Connection : ICardConnection
    {
        private readonly SimulatedReader _reader;
        private readonly SimulatedCard _simulated;
        private readonly UnreliableMedium _medium;
        private readonly Card _card;
        private readonly InProcessCardLink _link;
        private bool _hasDrawn;

        public Connection(SimulatedReader reader, SimulatedCard card)
        {
            (_reader, _simulated, _medium) = (reader, card, card.Medium());
            _card = new Card(JournalledMemory.Open(_medium));
            _link = new InProcessCardLink(_card);
            Atr = _link.Insert();
        }

        public Atr Atr { get; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            var draws = command.Ins == Instruction.GenerateApplicationCryptogram && !_hasDrawn;
            _reader.MayDie(draws ? FaultKind.TerminalDiesAfterIntent : FaultKind.TerminalDiesAtAnyCommand);
            TearAt(FaultKind.CardTornBeforeCommand);
            if (command.Ins is Instruction.GenerateApplicationCryptogram or Instruction.PutData && _reader.Threatens(FaultKind.CardPowerCutInWrite))
                _medium.CutAfter(_reader.Below(WritesOfADraw), _reader.Share());
            var response = Exchange(command);
            _hasDrawn |= draws;
            TearAt(FaultKind.CardTornAfterCommand);
            _reader.MayDie(draws ? FaultKind.TerminalDiesAfterCardCommit : FaultKind.TerminalDiesAtAnyCommand);
            return response;
        }

        public void Dispose()
        {
            _link.Remove();
            _card.Dispose();
        }

        private ResponseApdu Exchange(CommandApdu command)
        {
            ThrowIfGone();
            try
            {
                return _link.Transmit(command);
            }
            catch (PowerCutException)
            {
                _reader.Note(FaultKind.CardPowerCutInWrite, _simulated);
                _link.Remove();
                throw Gone();
            }
        }

        private void TearAt(FaultKind kind)
        {
            ThrowIfGone();
            if (!_reader.Strikes(kind, _simulated))
                return;
            _link.Remove();
            throw Gone();
        }

        private void ThrowIfGone()
        {
            if (!_link.IsPresent)
                throw Gone();
        }

        private static CardReaderException Gone() => new(ReaderFailure.CardRemoved, "The card is gone.");
    }

    private void MayDie(FaultKind kind) => mayDieAt(kind);

    private bool Strikes(FaultKind kind, SimulatedCard card) => faults.Strikes(kind, card.Name);

    private bool Threatens(FaultKind kind) => faults.Threatens(kind);

    private void Note(FaultKind kind, SimulatedCard card) => faults.Note(kind, card.Name);

    private int Below(int count) => chance.Next(count);

    /// <summary>0 to 1, both often: nothing and everything of a write are cuts of their own.</summary>
    private double Share() => chance.Next(4) switch { 0 => 0, 1 => 1, _ => chance.Next(1_000) / 1_000.0 };
}
