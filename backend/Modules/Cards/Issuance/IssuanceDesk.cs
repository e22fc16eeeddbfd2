using System.Collections.Concurrent;
using System.Data.Common;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Cards.Issuance;

/// <summary>
/// Where commands about cards come together: whoever gets the turn takes all that wait, up to a limit, through one transaction. Alone, a
/// command costs one commit; a thousand at once cost a few.
/// </summary>
internal sealed class IssuanceDesk(IDbConnectionFactory database, TimeProvider time) : IDisposable
{
    private const int CommandsPerBatch = 512;

    private readonly ConcurrentQueue<IssuanceCommand> _waiting = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Returns after the outcome is on disk. A caller that gives up while it waits may find its command done all the same.</summary>
    public async Task<TOutcome> RunAsync<TOutcome>(IssuanceCommand command, CancellationToken cancellation)
    {
        _waiting.Enqueue(command);
        while (!command.IsDone)
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                if (!command.IsDone)
                    await RunBatchAsync();
            }
            finally
            {
                _turn.Release();
            }
        }
        return await command.OutcomeAsync<TOutcome>();
    }

    public void Dispose() => _turn.Dispose();

    private async Task RunBatchAsync()
    {
        var batch = new List<IssuanceCommand>();
        while (batch.Count < CommandsPerBatch && _waiting.TryDequeue(out var command))
            batch.Add(command);
        try
        {
            await RunAsync(batch);
        }
        catch (DbException)
        {
            // One of them broke the transaction for all: each gets one of its own, and only its own failure.
            foreach (var command in batch)
                await RunAloneAsync(command);
        }
        finally
        {
            // After a bug, which goes to whoever had the turn, nobody else may wait for ever.
            foreach (var command in batch.Where(command => !command.IsDone))
                command.Fail(new InvalidOperationException("Another command in the same transaction failed unexpectedly; nothing was done."));
        }
    }

    private async Task RunAloneAsync(IssuanceCommand command)
    {
        try
        {
            await RunAsync([command]);
        }
        catch (DbException exception)
        {
            command.Fail(exception);
        }
    }

    private async Task RunAsync(List<IssuanceCommand> commands)
    {
        // Belongs to all callers: none of them may cancel it.
        await using var write = await database.BeginWriteAsync(CancellationToken.None);
        var batch = new IssuanceBatch(database, write, time.GetUtcNow());
        await batch.LoadAsync(commands, CancellationToken.None);
        foreach (var command in commands)
            command.Decide(batch);
        await batch.SaveAsync(CancellationToken.None);
        await write.CommitAsync(CancellationToken.None);
        foreach (var command in commands)
            command.Answer();
    }
}
