using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>What one streaming call may be.</summary>
/// <param name="MessagesMax">Messages in one call; more go into another call.</param>
/// <param name="Idle">Longest silence between two messages.</param>
internal sealed record StreamLimits(int MessagesMax, TimeSpan Idle);

/// <summary>A caller's stream that can neither last for ever in silence nor grow without end.</summary>
internal static class BoundedStream
{
    /// <exception cref="RpcException">TOO_LARGE or IDLE; what was read before is the reader's to drop.</exception>
    public static async IAsyncEnumerable<T> ReadBoundedAsync<T>(
        this IAsyncStreamReader<T> stream, StreamLimits limits, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        for (var count = 0; await NextAsync(stream, limits, silence, either.Token); count++)
        {
            if (count == limits.MessagesMax)
                throw Refusals.TooLarge(string.Empty, string.Create(CultureInfo.InvariantCulture, $"Send at most {limits.MessagesMax} messages in one call, the rest in another."));
            yield return stream.Current;
        }
    }

    private static async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, StreamLimits limits, CancellationTokenSource silence, CancellationToken either)
    {
        silence.CancelAfter(limits.Idle);
        try
        {
            return await stream.MoveNext(either);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Refusals.Unreadable();
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            throw Refusals.Of(
                RefusalReason.Idle, string.Empty,
                string.Create(CultureInfo.InvariantCulture, $"Send the next message within {limits.Idle.TotalSeconds} s, or complete the stream."));
        }
        finally
        {
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
