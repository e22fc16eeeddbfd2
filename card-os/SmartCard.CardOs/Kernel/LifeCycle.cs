using SmartCard.Protocol.Personalisation;

namespace SmartCard.CardOs.Kernel;

/// <summary>Which life cycle states a command works in.</summary>
[Flags]
internal enum LifeCycles
{
    None = 0,
    OpReady = 0x01,
    Initialized = 0x02,
    Secured = 0x04,
    CardLocked = 0x08,

    InUse = Secured | CardLocked,
    NotTerminated = OpReady | Initialized | Secured | CardLocked,
}

/// <summary>Every transition there is (GP Card Specification 2.3, 5.1.1). What is not here is refused.</summary>
internal static class LifeCycle
{
    private static readonly (CardLifeCycle From, CardLifeCycle To)[] Transitions =
    [
        (CardLifeCycle.OpReady, CardLifeCycle.Initialized),
        (CardLifeCycle.Initialized, CardLifeCycle.Initialized), // a personalisation that failed begins again
        (CardLifeCycle.Initialized, CardLifeCycle.Secured),
        (CardLifeCycle.Secured, CardLifeCycle.CardLocked),
        (CardLifeCycle.CardLocked, CardLifeCycle.Secured),
        (CardLifeCycle.OpReady, CardLifeCycle.Terminated),
        (CardLifeCycle.Initialized, CardLifeCycle.Terminated),
        (CardLifeCycle.Secured, CardLifeCycle.Terminated),
        (CardLifeCycle.CardLocked, CardLifeCycle.Terminated),
    ];

    public static bool MayBecome(this CardLifeCycle from, CardLifeCycle to) => Array.IndexOf(Transitions, (from, to)) >= 0;

    public static bool Include(this LifeCycles set, CardLifeCycle state) => (set & SetOf(state)) != LifeCycles.None;

    private static LifeCycles SetOf(CardLifeCycle state) => state switch
    {
        CardLifeCycle.OpReady => LifeCycles.OpReady,
        CardLifeCycle.Initialized => LifeCycles.Initialized,
        CardLifeCycle.Secured => LifeCycles.Secured,
        CardLifeCycle.CardLocked => LifeCycles.CardLocked,
        _ => LifeCycles.None,
    };
}
