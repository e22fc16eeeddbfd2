using System.Threading.Channels;
using Grpc.Core;

namespace SmartCard.Backend.Calls;

/// <summary>
/// Answers a stream of requests one by one as each is done, in whatever order that is. A request keeps its place in the window until its answer
/// is written: while the window is full nothing more is read, so a caller who does not read answers cannot make the server keep them.
/// </summary>
internal static class AnswersAsDone
{
    // What is ready together leaves together: a flush costs a system call and a TLS record.
    private static readonly WriteOptions More = new(WriteFlags.BufferHint);

    /// <param name="window">Requests under way at once, at most.</param>
    /// <param name="failed">The answer to a request whose work threw.</param>
    /// <exception cref="RpcException">The reader's refusal, after the answers to what came before it.</exception>
    public static async Task WriteAsync<TRequest, TResponse>(
        IAsyncEnumerable<TRequest> requests, IServerStreamWriter<TResponse> responses, int window,
        Func<TRequest, Task<TResponse>> work, Func<TRequest, Exception, TResponse> failed, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var places = new SemaphoreSlim(window);
        // As long as the window, so that there is always room for an answer.
        var done = Channel.CreateBounded<TResponse>(new BoundedChannelOptions(window) { SingleReader = true });
        var reading = BeginAsync(requests, places, window, done.Writer, work, failed, stop.Token);
        try
        {
            while (await done.Reader.WaitToReadAsync(cancellation))
            {
                while (done.Reader.TryRead(out var answer))
                {
                    responses.WriteOptions = done.Reader.TryPeek(out _) ? More : null;
                    await responses.WriteAsync(answer, cancellation);
                    places.Release();
                }
            }
        }
        catch
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the stream is not the caller's to use once this has ended
            throw;
        }
        await reading;
    }

    private static async Task BeginAsync<TRequest, TResponse>(
        IAsyncEnumerable<TRequest> requests, SemaphoreSlim places, int window, ChannelWriter<TResponse> done,
        Func<TRequest, Task<TResponse>> work, Func<TRequest, Exception, TResponse> failed, CancellationToken cancellation)
    {
        try
        {
            await foreach (var request in requests.WithCancellation(cancellation))
            {
                await places.WaitAsync(cancellation);
                _ = AnswerAsync(request, done, work, failed);
            }
        }
        finally
        {
            await AllAnsweredAsync(places, window, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            done.Complete();
        }
    }

    private static async Task AnswerAsync<TRequest, TResponse>(
        TRequest request, ChannelWriter<TResponse> done, Func<TRequest, Task<TResponse>> work, Func<TRequest, Exception, TResponse> failed)
    {
        var working = work(request);
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // False where the stream has ended meanwhile: nobody waits for this answer any more.
        _ = done.TryWrite(working.IsCompletedSuccessfully ? await working : failed(request, working.Exception?.InnerException ?? new OperationCanceledException()));
    }

    /// <summary>When every place of the window is free again.</summary>
    private static async Task AllAnsweredAsync(SemaphoreSlim places, int window, CancellationToken cancellation)
    {
        for (var place = 0; place < window; place++)
            await places.WaitAsync(cancellation);
    }
}
