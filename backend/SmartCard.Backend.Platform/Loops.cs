namespace SmartCard.Backend.Platform;

public static class Loops
{
    /// <summary>
    /// Starts a loop that lasts as long as its owner. On <see cref="TaskScheduler.Default"/> this is Task.Run; on another scheduler the loop stays there from
    /// await to await, which is what lets a simulation decide whose turn it is.
    /// </summary>
    public static Task Start(this TaskScheduler scheduler, Func<Task> loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
}
