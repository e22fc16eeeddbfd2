using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Simulate.Network;

/// <summary>A call as the backend's services see it: the caller is known, the rest is of no interest to them.</summary>
internal sealed class SimulatedCallContext : ServerCallContext
{
    private readonly string _method;

    public SimulatedCallContext(string method, TerminalStanding caller)
    {
        _method = method;
        new Caller.Terminal(caller).PutInto(this);
    }

    protected override string MethodCore => _method;

    protected override string HostCore => "";

    protected override string PeerCore => "";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore => CancellationToken.None;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => new("", []);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
}
