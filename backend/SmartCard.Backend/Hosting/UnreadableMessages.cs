using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using SmartCard.Backend.Calls;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Hosting;

/// <summary>
/// The server reads a unary call's message before any interceptor sees the call. What it cannot read it refuses in its own words: RESOURCE_EXHAUSTED
/// for one above the limit, UNKNOWN for bytes that are no message. This gives such answers the status and the machine-readable reason that the
/// contract promises, while they are still being written.
/// </summary>
internal sealed partial class UnreadableMessages(RequestDelegate next, ILogger<UnreadableMessages> logger)
{
    private const string StatusTrailer = "grpc-status";
    private const string MessageTrailer = "grpc-message";

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (TrailersOf(context.Response) is { } trailers && !trailers.ContainsKey(Refusals.ReasonTrailer) && RefusalOf(context, trailers) is { } refusal)
            Give(trailers, refusal, context.Request.Path);
    }

    // An answer without a message carries its trailers as headers ("Trailers-Only" in the gRPC protocol).
    private static IHeaderDictionary? TrailersOf(HttpResponse response) =>
        response.HasStarted ? response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : response.Headers;

    private static RpcException? RefusalOf(HttpContext context, IHeaderDictionary trailers)
    {
        if (!int.TryParse(trailers[StatusTrailer], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            return null;
        return (StatusCode)status switch
        {
            StatusCode.ResourceExhausted => Refusals.TooLarge(string.Empty, $"Send messages of at most {CallLimits.MessageBytesMax} bytes."),
            StatusCode.Unknown when !CallJournal.HasSeen(context) => Refusals.Unreadable(),
            _ => null,
        };
    }

    private void Give(IHeaderDictionary trailers, RpcException refusal, string method)
    {
        trailers[StatusTrailer] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
        trailers[MessageTrailer] = refusal.Status.Detail; // ASCII without "%": nothing to escape
        foreach (var entry in refusal.Trailers)
            trailers[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;
        LogUnreadable(method, refusal.StatusCode);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method}: refused {Status} before it was read")]
    private partial void LogUnreadable(string method, StatusCode status);
}
