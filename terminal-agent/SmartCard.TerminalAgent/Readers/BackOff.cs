namespace SmartCard.TerminalAgent.Readers;

/// <summary>Pauses that double from a twentieth of a second to two seconds: soon back after a restart, little noise in an outage.</summary>
internal sealed class BackOff
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private TimeSpan _next = TimeSpan.FromMilliseconds(50);

    public TimeSpan Next()
    {
        var pause = _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}

/// <summary>PC/SC's waits block, for hours if need be: not on a thread of the pool.</summary>
internal static class BlockingThread
{
    public static Task<T> Run<T>(Func<T> wait) =>
        Task.Factory.StartNew(wait, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
