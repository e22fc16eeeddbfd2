using Grpc.Core;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;
using SmartCard.TerminalAgent.Backend;

namespace SmartCard.Simulate.Network;

/// <summary>
/// A terminal's calls, carried over the simulated network. A call that gets no answer ends at its deadline; the terminal's process may die when it makes a
/// call, or when the answer arrives.
/// </summary>
internal sealed class Line(SimulatedNetwork network, SimulatedProcess terminal, BackendDeadlines deadlines, Action<FaultKind> mayDieAt) : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new(AnswerAsync<TResponse>(method.FullName, method.Name, Messages.Encode(request), options.CancellationToken), _ => NoHeaders,
            _ => Status.DefaultSuccess, _ => [], _ => { }, this);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        mayDieAt(FaultKind.TerminalDiesWhileSending);
        var call = network.OpenStream(terminal, method.FullName, deadlines.Upload);
        return new(
            new MessageStreamWriter<TRequest>(call.Requests), new DyingReader<TResponse>(new MessageStreamReader<TResponse>(call.Responses), mayDieAt),
            _ => NoHeaders, _ => Status.DefaultSuccess, _ => [], _ => call.HangUp(), this);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("The terminal does not block.");

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("No terminal's call.");

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        throw new NotSupportedException("Ledgers are not uploaded here.");

    private static Task<Metadata> NoHeaders => Task.FromResult(new Metadata());

    private async Task<TResponse> AnswerAsync<TResponse>(string method, string name, byte[] request, CancellationToken cancellation)
    {
        var (before, after) = DeathsOf(name);
        mayDieAt(before);
        var answer = await network.CallAsync(terminal, method, request, DeadlineOf(name), cancellation);
        mayDieAt(after);
        return Messages.Decode<TResponse>(answer);
    }

    private TimeSpan DeadlineOf(string method) => method switch
    {
        "Inquire" => deadlines.Inquire,
        "Authorise" => deadlines.Authorise,
        "Reverse" => deadlines.Reverse,
        _ => deadlines.Upkeep,
    };

    private static (FaultKind Before, FaultKind After) DeathsOf(string method) => method switch
    {
        "Authorise" => (FaultKind.TerminalDiesBeforeAuthorise, FaultKind.TerminalDiesAfterAuthorise),
        "Reverse" => (FaultKind.TerminalDiesWhileSending, FaultKind.TerminalDiesWhileSending),
        _ => (FaultKind.TerminalDiesAtAnyCommand, FaultKind.TerminalDiesAtAnyCommand),
    };

    /// <summary>The terminal may die between the acknowledgements of one upload.</summary>
    private sealed class DyingReader<T>(IAsyncStreamReader<T> reader, Action<FaultKind> mayDieAt) : IAsyncStreamReader<T>
    {
        public T Current => reader.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var any = await reader.MoveNext(cancellationToken);
            mayDieAt(FaultKind.TerminalDiesWhileSending);
            return any;
        }
    }
}
