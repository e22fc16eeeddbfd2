using System.Diagnostics;

namespace SmartCard.Faults.Load;

/// <summary>A bounded load in flight, and the moments at which it was answered.</summary>
internal sealed class LoadRun(IReadOnlyList<CampaignDraw> draws)
{
    private const int InFlight = 48;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _turn = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    private int _answered;
    private int _failed;
    private TaskCompletionSource<long>? _firstAnswer;

    public IReadOnlyList<CampaignDraw> Draws => draws;

    /// <summary>Draws whose first call had no answer.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Asks for each draw once.</summary>
    public Task AskAllAsync(CancellationToken cancellation) => Parallel.ForEachAsync(
        draws, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation },
        async (draw, token) =>
        {
            if (await draw.AskAsync(Deadline, token))
                Note();
            else
                Interlocked.Increment(ref _failed);
        });

    /// <summary>When so many were answered; where the load cannot get so far, never.</summary>
    public Task AnsweredAsync(int count)
    {
        lock (_turn)
        {
            if (_answered >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((count, reached));
            return reached.Task;
        }
    }

    /// <summary>
    /// Asks again for everything that has no answer, with the same records, until it has: one draw until it is answered, then the others, as terminals that come back one by one. Throws
    /// where there is no answer within the patience: then the installation did not recover.
    /// </summary>
    public async Task<int> AskAgainAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var open = draws.Where(draw => draw.Outcome is null).ToArray();
        if (open.Length > 0)
            await AskUntilAnsweredAsync(open[0], cancellation);
        await Parallel.ForEachAsync(
            open.Skip(1), new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation }, async (draw, token) => await AskUntilAnsweredAsync(draw, token));
        return open.Length;

        async Task AskUntilAnsweredAsync(CampaignDraw draw, CancellationToken token)
        {
            while (!await draw.AskAsync(Deadline, token))
            {
                if (Stopwatch.GetElapsedTime(began) > patience)
                    throw new TimeoutException($"A draw has no answer {patience.TotalSeconds:F0} s after the fault was healed.");
                await Task.Delay(Pause, token);
            }
            Note();
        }
    }

    /// <summary>From now on: the timestamp of the first answer.</summary>
    public Task<long> NextAnswerAsync()
    {
        lock (_turn)
            return (_firstAnswer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    private void Note()
    {
        lock (_turn)
        {
            _answered++;
            _firstAnswer?.TrySetResult(Stopwatch.GetTimestamp());
            foreach (var (count, reached) in _awaited)
            {
                if (_answered >= count)
                    reached.TrySetResult();
            }
            _awaited.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
        }
    }
}
