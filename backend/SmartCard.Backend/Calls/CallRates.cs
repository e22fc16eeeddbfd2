using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Hosting;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Calls;

/// <summary>
/// A token bucket for each terminal, so that one that floods takes nothing from the others. A bucket is one number, the instant at which it will be full
/// again (the generic cell rate algorithm, ITU-T I.371): a call moves it on by a token's time, and is refused where that is further ahead than the bucket is deep.
/// System.Threading.RateLimiting would be the library for it, but it has a clock of its own that no test can move.
/// </summary>
internal sealed class CallRates(IOptions<ServerOptions> options, TimeProvider time)
{
    /// <summary>
    /// After so many new ones, buckets that have filled up are forgotten: they are like those of terminals that never called. Only enrolled terminals
    /// come so far, so there are never more than twice as many as that and terminals that call all the time.
    /// </summary>
    private const int AddedMax = 100_000;

    private readonly ConcurrentDictionary<TerminalId, long> _fullAgain = [];
    private readonly long _start = time.GetTimestamp();
    private int _added;
    private readonly long _token = TimeSpan.TicksPerSecond / options.Value.TerminalCallsPerSecond;
    private readonly long _depth = TimeSpan.TicksPerSecond / options.Value.TerminalCallsPerSecond * options.Value.TerminalCallsAtOnce;

    /// <summary>Buckets in memory.</summary>
    internal int Kept => _fullAgain.Count;

    /// <summary>0 where the call may go on; otherwise after how many milliseconds one may, 1 or more.</summary>
    public int TakeFor(TerminalId terminal)
    {
        while (true)
        {
            var now = time.GetElapsedTime(_start).Ticks;
            var known = _fullAgain.TryGetValue(terminal, out var fullAgain);
            var next = Math.Max(fullAgain, now) + _token;
            if (next - now > _depth)
                return (int)Math.Ceiling(TimeSpan.FromTicks(next - now - _depth).TotalMilliseconds);
            if (known ? _fullAgain.TryUpdate(terminal, next, fullAgain) : Add(terminal, next, now))
                return 0;
        }
    }

    private bool Add(TerminalId terminal, long next, long now)
    {
        if (Volatile.Read(ref _added) >= AddedMax)
        {
            foreach (var bucket in _fullAgain.Where(bucket => bucket.Value <= now))
                _fullAgain.TryRemove(bucket);
            Volatile.Write(ref _added, 0);
        }
        if (!_fullAgain.TryAdd(terminal, next))
            return false;
        Interlocked.Increment(ref _added);
        return true;
    }
}
