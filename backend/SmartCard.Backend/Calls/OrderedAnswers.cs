using System.Threading.Channels;
using Grpc.Core;

namespace SmartCard.Backend.Calls;

/// <summary>
/// Answers a stream of requests one by one and in their order, while work on the next ones has already begun: a terminal that uploads a day's
/// records does not wait for one commit after another. Requests of one key are worked on one after another.
/// </summary>
internal static class OrderedAnswers
{
    /// <param name="window">Requests in work at once, at most.</param>
    /// <param name="key">Of what has to keep its order; null where nothing has.</param>
    /// <exception cref="RpcException">The reader's or the work's refusal, after the answers before it were written.</exception>
    public static async Task WriteAsync<TRequest, TResponse, TKey>(
        IAsyncEnumerable<TRequest> requests, IServerStreamWriter<TResponse> responses, int window,
        Func<TRequest, TKey?> key, Func<TRequest, Task<TResponse>> work, CancellationToken cancellation)
        where TKey : struct
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var begun = Channel.CreateBounded<Task<TResponse>>(new BoundedChannelOptions(window) { SingleReader = true, SingleWriter = true });
        var reading = BeginAsync(requests, begun.Writer, key, work, stop.Token);
        try
        {
            while (await begun.Reader.WaitToReadAsync(cancellation))
            {
                while (begun.Reader.TryRead(out var answer))
                    await responses.WriteAsync(await answer, cancellation);
            }
        }
        catch
        {
            stop.Cancel();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // the stream is not the caller's to use once this has ended
            throw;
        }
        await reading;
    }

    private static async Task BeginAsync<TRequest, TResponse, TKey>(
        IAsyncEnumerable<TRequest> requests, ChannelWriter<Task<TResponse>> begun, Func<TRequest, TKey?> key, Func<TRequest, Task<TResponse>> work, CancellationToken cancellation)
        where TKey : struct
    {
        var last = new Dictionary<TKey, Task>();
        try
        {
            await foreach (var request in requests.WithCancellation(cancellation))
            {
                await begun.WaitToWriteAsync(cancellation);
                var own = key(request);
                var answer = AfterAsync(own is { } known ? last.GetValueOrDefault(known) : null, request, work);
                if (own is { } kept)
                    last[kept] = answer;
                await begun.WriteAsync(answer, cancellation);
            }
        }
        finally
        {
            begun.Complete();
        }
    }

    private static async Task<TResponse> AfterAsync<TRequest, TResponse>(Task? previous, TRequest request, Func<TRequest, Task<TResponse>> work)
    {
        if (previous is not null)
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await work(request);
    }
}
