using Google.Protobuf;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Simulate.Audit;
using SmartCard.Simulate.Backends;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Network;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.Terminals;
using TransactionId = SmartCard.Protocol.Transactions.TransactionId;
using TransactionRecordCodec = SmartCard.Protocol.Transactions.TransactionRecordCodec;

namespace SmartCard.Simulate.World;

/// <summary>Everything of one simulation, put together from its seed.</summary>
internal sealed class SimulatedWorld : IDisposable
{
    private const int BackendCount = 2;
    private const int LinesKept = 60;

    private readonly DirectoryInfo _folder;
    private readonly InvariantCheck _invariants;
    private int _folders;

    public SimulatedWorld(SimulationSetup setup, ulong seed)
    {
        (Bureau, Store, Contents, Plants) = (setup.Bureau, setup.Store, setup.Contents, setup.Plants);
        Chance = new Chance(seed);
        Season = Season.Of(Chance);
        Scheduler = new Scheduler(Chance, Season.Start);
        Trace = new Trace(Scheduler, LinesKept, setup.TraceTo);
        Faults = new FaultPlan(Chance, Trace, setup.IsCalm);
        Network = new SimulatedNetwork(Scheduler, Chance, Faults, Trace, () => Backends);
        Registers = new Registers(Bureau);
        LedgerOptions = OptionsOf(Chance, Faults);
        _folder = FastFolder.New("simulation");
        _invariants = new InvariantCheck(Contents, Season.Programmes, Registers);
        Settle(setup);
        Backends = [.. Enumerable.Range(1, BackendCount).Select(number => new BackendStation($"backend {number}", this))];
        Terminals = [.. Merchant.All.Select(merchant => new TerminalStation(merchant, this))];
        Trace.Add("seed", $"{seed}: {Season.Name}; {Faults.Chosen.Count} kinds of fault");
    }

    public Bureau Bureau { get; }
    public ILedgerStore Store { get; }
    public ILedgerContents Contents { get; }
    public Plants Plants { get; }
    public Chance Chance { get; }
    public Season Season { get; }
    public Scheduler Scheduler { get; }
    public Trace Trace { get; }
    public FaultPlan Faults { get; }
    public SimulatedNetwork Network { get; }
    public Registers Registers { get; }
    public LedgerOptions LedgerOptions { get; }
    public IReadOnlyList<BackendStation> Backends { get; } = [];
    public IReadOnlyList<TerminalStation> Terminals { get; } = [];

    /// <summary>Every piece of plastic, clones among them.</summary>
    public List<SimulatedCard> Cards { get; } = [];
    public CardCommits CardCommits { get; } = new();
    public GoodsHandedOver Goods { get; } = new();
    public Baskets Baskets { get; } = new();

    /// <summary>Terminals of dead processes: their files are held until the simulation ends.</summary>
    public List<TerminalAgent.Terminal> Abandoned { get; } = [];

    /// <summary>The first thing that must never be; null so far.</summary>
    public Violation? Violation { get; private set; }

    public string NewFolder(string terminal) => Path.Combine(_folder.FullName, $"{terminal}-{++_folders}");

    public void Fail(Violation violation)
    {
        if (Violation is not null)
            return;
        Violation = violation;
        Trace.Add("audit", $"BROKEN: {violation.Invariant}");
    }

    /// <summary>An exception that a process did not catch. The death of a terminal is one; everything else is a bug.</summary>
    public void Crashed(SimulatedProcess process, Exception crash)
    {
        // A process that dies unwinds what it was doing, and nobody hears what breaks on the way.
        if (process.IsAlive)
            Fail(new Violation($"{process.Name} crashed", crash.ToString()));
    }

    /// <summary>A batch arrived in the store.</summary>
    public void Wrote(LedgerBatch batch) => _invariants.Touch(batch.Households.Select(state => state.Household));

    /// <summary>An answer leaves a backend: what it says must be in the store by now.</summary>
    /// <param name="asked">The record that was asked about; null where the stream's order says so.</param>
    public void Answered(Outcome outcome, SignedRecord? asked)
    {
        // Two cards with one number may use one counter: each is answered about itself, never with the other's outcome.
        if (asked is not null && TransactionRecordCodec.TryDecode(asked.Record.Memory, out var record, out _) && record.TransactionId.ToString() != outcome.TransactionId)
            Fail(new Violation("3: other content never gets the first outcome", $"{record.TransactionId} was answered with the outcome of {outcome.TransactionId}"));
        if (_invariants.BrokenByAnswer(outcome) is { } violation)
            Fail(violation);
    }

    /// <summary>After a turn: the invariants of every household that was written in it.</summary>
    public void CheckInvariants()
    {
        if (_invariants.Check() is { } violation)
            Fail(violation);
    }

    /// <summary>All of them, from nothing.</summary>
    public void CheckEverything()
    {
        _invariants.Touch(Registers.Households);
        CheckInvariants();
    }

    public void Dispose()
    {
        // None of them sends by itself, so there is nothing to wait for.
        foreach (var terminal in Abandoned)
            terminal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var station in Terminals)
            station.Dispose();
        foreach (var card in Cards)
            card.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Settle(SimulationSetup setup)
    {
        // Two cards a household, and one alone.
        for (var index = 0; index < setup.Bureau.Cards.Count; index++)
        {
            var image = setup.Bureau.Cards[index];
            var household = new HouseholdId(setup.FirstHousehold + (index / 2));
            if (!Registers.Households.Contains(household))
                Registers.Admit(household, Chance.Between(1, 6));
            Registers.Issue(image, household, Season.Start.AddDays(-30));
            Cards.Add(new SimulatedCard($"card {index + 1}", image.Number, image.Memory));
        }
    }

    private static LedgerOptions OptionsOf(Chance chance, FaultPlan faults)
    {
        var isNarrow = faults.Chosen.Contains(FaultKind.QueueFull);
        return new LedgerOptions
        {
            Writers = chance.Between(1, 3),
            QueueMax = isNarrow ? chance.Between(1, 2) : 100,
            InFlightMax = isNarrow ? chance.Between(1, 2) : 100,
            BatchMax = chance.Between(1, 8),
            AttemptsMax = chance.Between(3, 10),
        };
    }
}

/// <summary>What a simulation is given from outside.</summary>
/// <param name="IsCalm">True: nothing breaks, and time goes by as ever.</param>
/// <param name="TraceTo">Where every line of the trace is written; null for nowhere.</param>
internal sealed record SimulationSetup(
    Bureau Bureau, ILedgerStore Store, ILedgerContents Contents, Plants Plants, long FirstHousehold = 1, TextWriter? TraceTo = null, bool IsCalm = false);
