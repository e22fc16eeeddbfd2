namespace SmartCard.Demo.World;

/// <summary>
/// The day's clock: it runs as fast as the machine's, and is set forward to the next part of the day. Backend and terminals share it;
/// timers, deadlines and stopwatches stay those of the machine.
/// </summary>
internal sealed class DemoClock : TimeProvider
{
    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>Sets the clock; it never goes back once a day has begun.</summary>
    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref _offsetTicks, (now - System.GetUtcNow()).Ticks);
}
