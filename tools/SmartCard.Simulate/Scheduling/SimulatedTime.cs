namespace SmartCard.Simulate.Scheduling;

/// <summary>
/// The scheduler's time as one machine's clock shows it, which may be off. Timers run on the true time, as a machine's do, and belong to the process that
/// made them.
/// </summary>
internal sealed class SimulatedTime(Scheduler scheduler) : TimeProvider
{
    /// <summary>What this machine's clock is ahead of the true time; negative where it is behind.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now + Offset;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(scheduler, SimulatedProcess.Current, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer that fires in a turn of its own, unless its process is dead by then.</summary>
internal sealed class SimulatedTimer(Scheduler scheduler, SimulatedProcess owner, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private bool _isWaiting;

    /// <summary>Counts the settings: what was set before is no longer due.</summary>
    public int Generation { get; private set; }

    public bool IsWaiting(int generation) => _isWaiting && generation == Generation && owner.IsAlive;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        Generation++;
        _isWaiting = dueTime != Timeout.InfiniteTimeSpan;
        if (_isWaiting)
            scheduler.Schedule(this, dueTime);
        return true;
    }

    public void Fire()
    {
        _isWaiting = false;
        if (_period > TimeSpan.Zero)
            Change(_period, _period);
        owner.Run(_ => callback(state), null);
    }

    public void Dispose() => _isWaiting = false;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
