using System.Threading.Channels;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// Many single look-ups as few round trips: whoever asks while one is under way shares the next. Nothing is kept, so an answer
/// is never older than its question.
/// </summary>
public sealed class BatchedLookup<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
    where TValue : class
{
    private const int BatchMax = 512;

    private readonly Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, TValue>>> _find;
    private readonly Channel<(TKey Key, TaskCompletionSource<TValue?> Found)> _asked;
    private readonly Task _finding;

    /// <param name="find">One round trip for many keys; never called twice at once.</param>
    /// <param name="waitingMax">Bound of the queue; callers have a bound of their own, so it is never reached.</param>
    /// <param name="loops">Where the loop runs that asks.</param>
    public BatchedLookup(Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, TValue>>> find, int waitingMax, TaskScheduler loops)
    {
        _find = find;
        _asked = Channel.CreateBounded<(TKey, TaskCompletionSource<TValue?>)>(new BoundedChannelOptions(waitingMax) { SingleReader = true });
        _finding = loops.Start(FindAsync);
    }

    /// <summary>Null where there is none.</summary>
    public async Task<TValue?> FindAsync(TKey key, CancellationToken cancellation)
    {
        var found = new TaskCompletionSource<TValue?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _asked.Writer.WriteAsync((key, found), cancellation);
        return await found.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _asked.Writer.TryComplete();
        await _finding;
    }

    private async Task FindAsync()
    {
        var batch = new List<(TKey Key, TaskCompletionSource<TValue?> Found)>();
        while (await _asked.Reader.WaitToReadAsync())
        {
            // Who is about to ask goes first: under load more share the round trip, and where nobody waits it costs nothing.
            await Task.Yield();
            batch.Clear();
            while (batch.Count < BatchMax && _asked.Reader.TryRead(out var one))
                batch.Add(one);

            var finding = FindAsync(batch);
            await ((Task)finding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            foreach (var (key, found) in batch)
            {
                if (finding.IsCompletedSuccessfully)
                    found.SetResult((await finding).GetValueOrDefault(key));
                else
                    found.SetException(finding.Exception?.InnerException ?? new OperationCanceledException());
            }
        }
    }

    // A method of its own, so that what _find throws before its first await is this task's failure too.
    private async Task<IReadOnlyDictionary<TKey, TValue>> FindAsync(List<(TKey Key, TaskCompletionSource<TValue?> Found)> batch) =>
        await _find([.. batch.Select(one => one.Key).Distinct()]);
}
