using System.Data.Common;
using System.Runtime.CompilerServices;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Hosting;

/// <summary>Asks the database every few seconds whether it is there, so that a probe costs nothing and cannot be used to load it.</summary>
internal sealed partial class DatabaseWatch(IDbConnectionFactory connections, TimeProvider time, ILogger<DatabaseWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private State _state = new(true, NewSignal());

    /// <summary>True until a first question stays unanswered: the host starts only after its migrations ran.</summary>
    public bool Current => _state.Reachable;

    /// <summary>What holds now, and every change from now on. Ends with the caller or with the host.</summary>
    public async IAsyncEnumerable<bool> ChangesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var state = _state;
            yield return state.Reachable;
            await state.Changed.Task.WaitAsync(cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Set(await IsReachableAsync(stoppingToken));
    }

    private async Task<bool> IsReachableAsync(CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stoppingToken);
        try
        {
            var connection = await connections.OpenAsync(either.Token);
            await using (connection)
            {
                var question = connection.CreateCommand();
                await using (question)
                {
                    question.CommandText = "SELECT 1";
                    await question.ExecuteScalarAsync(either.Token);
                    return true;
                }
            }
        }
        catch (DbException failure)
        {
            LogUnreachable(failure);
            return false;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Set(bool reachable)
    {
        State before;
        lock (_lock)
        {
            before = _state;
            if (before.Reachable == reachable)
                return;
            _state = new State(reachable, NewSignal());
        }
        LogChanged(reachable ? "answers again" : "does not answer");
        before.Changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database {State}")]
    private partial void LogChanged(string state);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The database did not answer")]
    private partial void LogUnreachable(DbException failure);

    private sealed record State(bool Reachable, TaskCompletionSource Changed);
}
