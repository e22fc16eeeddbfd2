using System.Data.Common;
using Grpc.Core;
using Grpc.Core.Interceptors;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>
/// A line in the log for each call that was refused, and for each bug. What is neither a refusal nor a caller who hung up is a bug:
/// it is logged whole, and the caller gets INTERNAL with the id under which it is found, and nothing of what went wrong.
/// </summary>
internal sealed partial class CallJournal(ILogger<CallJournal> logger, TimeProvider time) : Interceptor
{
    private static readonly object SeenKey = new();

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        JournalAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        JournalAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        JournalAsync(context, () => Counted(continuation(request, responseStream, context)));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        JournalAsync(context, () => Counted(continuation(requestStream, responseStream, context)));

    /// <summary>False where a call ended before it came to its interceptors.</summary>
    public static bool HasSeen(HttpContext context) => context.Items.ContainsKey(SeenKey);

    private static async Task<bool> Counted(Task call)
    {
        await call;
        return true;
    }

    /// <summary>One request of a stream failed, and the stream goes on: logged like a call.</summary>
    /// <returns>What its caller may be told.</returns>
    public Failure FailedOne(ServerCallContext context, Exception bug)
    {
        var (caller, correlationId) = (CallerName(context), context.GetHttpContext().TraceIdentifier);
        LogBug(bug, context.Method, caller, correlationId);
        return new Failure { CorrelationId = correlationId, Unavailable = IsUnavailable(bug) };
    }

    private async Task<T> JournalAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        var start = time.GetTimestamp();
        context.GetHttpContext().Items[SeenKey] = true;
        try
        {
            var answer = await call();
            Answered(context, start);
            return answer;
        }
        catch (RpcException refusal)
        {
            Refused(context, refusal, start);
            throw;
        }
        catch (Exception bug) when (!IsHangUp(bug, context))
        {
            throw Failed(context, bug);
        }
    }

    private void Answered(ServerCallContext context, long start)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
            return;
        var (caller, elapsedMs) = (CallerName(context), Elapsed(start));
        LogAnswered(context.Method, caller, elapsedMs);
    }

    private void Refused(ServerCallContext context, RpcException refusal, long start)
    {
        var (caller, reason, elapsedMs) = (CallerName(context), refusal.Trailers.GetValue(Refusals.ReasonTrailer) ?? "-", Elapsed(start));
        LogRefused(context.Method, caller, refusal.StatusCode, reason, elapsedMs);
    }

    private RpcException Failed(ServerCallContext context, Exception bug)
    {
        var failure = FailedOne(context, bug);
        return new RpcException(
            new Status(failure.Unavailable ? StatusCode.Unavailable : StatusCode.Internal, $"The backend failed; tell its operators {failure.CorrelationId}."),
            new Metadata { { Refusals.CorrelationTrailer, failure.CorrelationId } });
    }

    // Where the database is away, the same call is worth sending again; after a bug it is not.
    private static bool IsUnavailable(Exception bug) => bug is LedgerUnavailableException or DbException;

    // The transport tells of a caller who went away by cancelling the call; what then breaks is not our bug.
    private static bool IsHangUp(Exception exception, ServerCallContext context) =>
        exception is OperationCanceledException or IOException && context.CancellationToken.IsCancellationRequested;

    private double Elapsed(long start) => time.GetElapsedTime(start).TotalMilliseconds;

    private static string CallerName(ServerCallContext context) => Caller.Of(context) switch
    {
        Caller.Terminal terminal => terminal.Standing.Terminal.Value,
        Caller.Staff => "staff",
        Caller.Aggregator => "aggregator",
        _ => "-",
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} by {Caller}: answered in {ElapsedMs:F1} ms")]
    private partial void LogAnswered(string method, string caller, double elapsedMs);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} by {Caller}: refused {Status} {Reason} in {ElapsedMs:F1} ms")]
    private partial void LogRefused(string method, string caller, StatusCode status, string reason, double elapsedMs);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} by {Caller}: failed, correlation {CorrelationId}")]
    private partial void LogBug(Exception bug, string method, string caller, string correlationId);
}
