using SmartCard.Simulate.Scheduling;

namespace SmartCard.Simulate.Faults;

/// <summary>
/// Which faults this seed has, and how often. Each seed leaves some out altogether, so that rare pairs meet without the others in their way.
/// </summary>
internal sealed class FaultPlan
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    /// <summary>How often a fault comes where it can, in seeds that have it: lowest and highest likelihood.</summary>
    private static readonly Dictionary<FaultKind, (double Least, double Most)> Rates = new()
    {
        [FaultKind.RequestLost] = (0.01, 0.1),
        [FaultKind.AnswerLost] = (0.01, 0.1),
        [FaultKind.RequestDoubled] = (0.05, 0.3),
        [FaultKind.MessageDelayed] = (0.02, 0.15),
        [FaultKind.StreamCut] = (0.3, 0.9),
        [FaultKind.TerminalDiesBeforeIntent] = (0.01, 0.08),
        [FaultKind.TerminalDiesAfterIntent] = (0.02, 0.12),
        [FaultKind.TerminalDiesAfterCardCommit] = (0.02, 0.12),
        [FaultKind.TerminalDiesBeforeAuthorise] = (0.02, 0.12),
        [FaultKind.TerminalDiesAfterAuthorise] = (0.02, 0.12),
        [FaultKind.TerminalDiesBeforeReceipt] = (0.02, 0.12),
        [FaultKind.TerminalDiesWhileSending] = (0.02, 0.15),
        [FaultKind.TerminalDiesAtAnyCommand] = (0.001, 0.01),
        [FaultKind.CardTornBeforeCommand] = (0.002, 0.015),
        [FaultKind.CardTornAfterCommand] = (0.002, 0.015),
        [FaultKind.CardPowerCutInWrite] = (0.02, 0.15),
        [FaultKind.BackendDiesBeforeWrite] = (0.01, 0.06),
        [FaultKind.BackendDiesAfterWrite] = (0.01, 0.06),
        [FaultKind.BackendDiesWhileReading] = (0.005, 0.03),
        [FaultKind.ConnectionLostBeforeCommit] = (0.02, 0.15),
        [FaultKind.ConnectionLostAfterCommit] = (0.02, 0.15),
        [FaultKind.ConnectionLostWhileReading] = (0.01, 0.1),
        [FaultKind.BatchRefused] = (0.02, 0.15),
        [FaultKind.RequestPoisoned] = (0.01, 0.05),
    };

    private readonly Dictionary<FaultKind, double> _likelihoods = [];
    private readonly Chance _chance;
    private readonly Trace _trace;

    /// <param name="isCalm">True: nothing breaks at all.</param>
    public FaultPlan(Chance chance, Trace trace, bool isCalm)
    {
        (_chance, _trace) = (chance, trace);
        foreach (var kind in Kinds)
        {
            var has = chance.Happens(0.5) && !isCalm;
            if (has)
                Chosen.Add(kind);
            if (Rates.TryGetValue(kind, out var rate))
                _likelihoods[kind] = has ? rate.Least + ((rate.Most - rate.Least) * chance.Next(1_001) / 1_000) : 0;
        }
    }

    /// <summary>The kinds that this seed has. Those without a rate are the driver's to play.</summary>
    public HashSet<FaultKind> Chosen { get; } = [];

    /// <summary>How often each kind came.</summary>
    public long[] Fired { get; } = new long[Kinds.Length];

    /// <summary>False once the world is to come to rest: nothing goes wrong any more.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>True where the fault strikes here and now; then it is counted.</summary>
    public bool Strikes(FaultKind kind, string who)
    {
        if (!Threatens(kind))
            return false;
        Note(kind, who);
        return true;
    }

    /// <summary>The same, where it shows only later whether it strikes; not counted here.</summary>
    public bool Threatens(FaultKind kind) =>
        IsOn && _likelihoods.TryGetValue(kind, out var likelihood) && likelihood > 0 && _chance.Happens(likelihood);

    /// <summary>A fault that came about by itself, or that the driver played.</summary>
    public void Note(FaultKind kind, string who)
    {
        Fired[(int)kind]++;
        _trace.Add(who, $"! {kind}");
    }
}
