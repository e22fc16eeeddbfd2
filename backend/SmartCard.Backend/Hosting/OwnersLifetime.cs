namespace SmartCard.Backend.Hosting;

/// <summary>Inside another process the owner says when to stop: signals are the owner's to hear.</summary>
internal sealed class OwnersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
