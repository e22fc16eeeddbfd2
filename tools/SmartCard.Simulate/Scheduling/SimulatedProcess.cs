namespace SmartCard.Simulate.Scheduling;

/// <summary>
/// A process, as far as the scheduler is concerned: what it awaits comes back to it as a turn of its own, and when it is killed nothing of it runs ever
/// again. Its turns come in any order, as on a thread pool.
/// </summary>
internal sealed class SimulatedProcess(Scheduler scheduler, string name, Action<SimulatedProcess, Exception> onCrash) : SynchronizationContext
{
    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    public Scheduler Scheduler => scheduler;

    /// <summary>Whose turn it is.</summary>
    public static new SimulatedProcess Current =>
        SynchronizationContext.Current as SimulatedProcess ?? throw new InvalidOperationException("Nobody's turn: this code runs outside the simulation's processes.");

    public void Kill() => IsAlive = false;

    /// <summary>Starts work of its own; a failure that nobody catches is the process's crash.</summary>
    public void Start(Func<Task> work) => Post(_ => Watch(work()), null);

    public override void Post(SendOrPostCallback d, object? state) => scheduler.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs within a turn.</summary>
    public void Run(SendOrPostCallback callback, object? state)
    {
        var before = SynchronizationContext.Current;
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        catch (Exception crash) when (crash is not SchedulerEscapedException)
        {
            onCrash(this, crash);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Lets other turns come first.</summary>
    public async Task PauseAsync(TimeSpan pause)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new SimulatedTimer(scheduler, this, _ => done.SetResult(), null).Change(pause, Timeout.InfiniteTimeSpan);
        await done.Task;
    }

    private static async void Watch(Task work) => await work;
}
