namespace SmartCard.Simulate.Scheduling;

/// <summary>
/// Whose turn it is. One thread runs everything: whatever is ready, in an order that the seed decides, and when nothing is ready, time passes to the next
/// timer. Nothing here asks the machine for a thread, the time or a number, so a seed is a whole run.
/// </summary>
internal sealed class Scheduler(Chance chance, DateTimeOffset start)
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Turn> _ready = [];
    private readonly PriorityQueue<(SimulatedTimer Timer, int Generation), (long DueTicks, int Lot, long Number)> _timers = new();
    private long _timersMade;
    private volatile string? _escape;

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>Turns taken: pieces of work run, timers fired.</summary>
    public long Turns { get; private set; }

    public bool IsIdle => _ready.Count == 0 && _timers.Count == 0;

    public void Post(SimulatedProcess process, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            // Work of the simulation went to another thread and came back from there: from now on the seed decides nothing.
            _escape = Environment.StackTrace;
            return;
        }

        if (process.IsAlive)
            _ready.Add(new Turn(process, callback, state));
    }

    public void Schedule(SimulatedTimer timer, TimeSpan after)
    {
        var due = Now.UtcTicks + Math.Max(0, after.Ticks);
        _timers.Enqueue((timer, timer.Generation), (due, chance.Next(int.MaxValue), _timersMade++));
    }

    /// <summary>Takes one turn; false where nothing is left to do.</summary>
    /// <exception cref="SchedulerEscapedException">Something left the scheduler.</exception>
    public bool TakeTurn()
    {
        if (_escape is { } trace)
            throw new SchedulerEscapedException(trace);
        if (_ready.Count > 0)
        {
            var index = chance.Next(_ready.Count);
            var turn = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (!turn.Process.IsAlive)
                return true;
            Turns++;
            turn.Process.Run(turn.Callback, turn.State);
            return true;
        }

        while (_timers.TryDequeue(out var waiting, out var due))
        {
            if (!waiting.Timer.IsWaiting(waiting.Generation))
                continue;
            Now = new DateTimeOffset(Math.Max(due.DueTicks, Now.UtcTicks), TimeSpan.Zero);
            Turns++;
            waiting.Timer.Fire();
            return true;
        }

        return false;
    }

    private readonly record struct Turn(SimulatedProcess Process, SendOrPostCallback Callback, object? State);
}

/// <summary>The product went to the thread pool: a bug of the simulation's set-up, and no seed can be trusted any more.</summary>
internal sealed class SchedulerEscapedException(string trace) : Exception("Work left the simulation's scheduler and came back from another thread:\n" + trace);
