using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Hosting;

/// <summary>
/// The server itself refuses a message above its limit, before any interceptor sees the call, and says RESOURCE_EXHAUSTED alone. This
/// adds the machine-readable reason to that answer while it is still being written.
/// </summary>
internal static class OversizedMessages
{
    private static readonly string StatusOfServer = ((int)StatusCode.ResourceExhausted).ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static IApplicationBuilder UseReasonForOversizedMessages(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (TrailersOf(context.Response) is { } trailers && trailers.GrpcStatus() == StatusOfServer && !trailers.ContainsKey(Refusals.ReasonTrailer))
            AddReason(trailers);
    });

    // An answer without a message carries its trailers as headers ("Trailers-Only" in the gRPC protocol).
    private static IHeaderDictionary? TrailersOf(HttpResponse response) =>
        response.HasStarted ? response.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseTrailersFeature>()?.Trailers : response.Headers;

    private static string? GrpcStatus(this IHeaderDictionary trailers) => trailers["grpc-status"];

    private static void AddReason(IHeaderDictionary trailers)
    {
        var nextStep = $"Send messages of at most {CallLimits.MessageBytesMax} bytes.";
        foreach (var (key, value) in Refusals.Trailers(RefusalReason.TooLarge, string.Empty, nextStep))
            trailers[key] = value is byte[] bytes ? Convert.ToBase64String(bytes).TrimEnd('=') : (string)value;
    }
}
