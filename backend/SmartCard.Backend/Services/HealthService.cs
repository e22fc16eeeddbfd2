using System.Collections.Frozen;
using Grpc.Core;
using SmartCard.Backend.Hosting;
using Wire = SmartCard.Protocol.Grpc.Health.V1;

namespace SmartCard.Backend.Services;

/// <summary>grpc.health.v1: the server and each of its services serve as long as the database answers.</summary>
internal sealed class HealthService(DatabaseWatch database) : Wire.Health.HealthBase
{
    private static readonly FrozenSet<string> Services = Calls.CallAccess.Table.Keys
        .Select(method => method.Split('/')[1])
        .Append(string.Empty) // the server as a whole
        .ToFrozenSet();

    public override Task<Wire.HealthCheckResponse> Check(Wire.HealthCheckRequest request, ServerCallContext context) =>
        Services.Contains(request.Service)
            ? Task.FromResult(Answer(StatusOf(database.Current)))
            : throw Calls.Refusals.NotFound("service", "Ask for a service by its full name, or for none.");

    public override async Task Watch(Wire.HealthCheckRequest request, IServerStreamWriter<Wire.HealthCheckResponse> responseStream, ServerCallContext context)
    {
        var known = Services.Contains(request.Service);
        await foreach (var reachable in database.ChangesAsync(context.CancellationToken))
            await responseStream.WriteAsync(Answer(known ? StatusOf(reachable) : Wire.HealthCheckResponse.Types.ServingStatus.ServiceUnknown), context.CancellationToken);
    }

    private static Wire.HealthCheckResponse Answer(Wire.HealthCheckResponse.Types.ServingStatus status) => new() { Status = status };

    private static Wire.HealthCheckResponse.Types.ServingStatus StatusOf(bool reachable) =>
        reachable ? Wire.HealthCheckResponse.Types.ServingStatus.Serving : Wire.HealthCheckResponse.Types.ServingStatus.NotServing;
}
