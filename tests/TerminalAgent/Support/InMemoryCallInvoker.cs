using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;

namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>
/// Calls services in this process. Messages pass through their own encoding, so that both sides have their own copies. <paramref name="before"/> and
/// <paramref name="after"/> get the method's name and may throw: that is the line failing on the way there, or on the way back.
/// </summary>
public sealed class InMemoryCallInvoker(Action<string> before, Action<string> after) : CallInvoker
{
    private readonly Handlers _handlers = new();

    public InMemoryCallInvoker Serve(Action<ServiceBinderBase> bind)
    {
        bind(_handlers);
        return this;
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        return new AsyncUnaryCall<TResponse>(AnswerAsync(), _ => NoHeaders, _ => Status.DefaultSuccess, _ => [], _ => { }, this);

        async Task<TResponse> AnswerAsync()
        {
            await Task.Yield();
            var handler = (UnaryServerMethod<TRequest, TResponse>)_handlers.Find(method.FullName);
            before(method.Name);
            var answer = await handler(Copy(request), new Context(method.FullName, options.CancellationToken));
            after(method.Name);
            return Copy(answer);
        }
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var requests = Channel.CreateUnbounded<TRequest>();
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(requests.Writer), AnswerAsync(), _ => NoHeaders,
            _ => Status.DefaultSuccess, _ => [], _ => { }, this);

        async Task<TResponse> AnswerAsync()
        {
            await Task.Yield();
            var handler = (ClientStreamingServerMethod<TRequest, TResponse>)_handlers.Find(method.FullName);
            before(method.Name);
            var answer = await handler(new Reader<TRequest>(requests.Reader), new Context(method.FullName, options.CancellationToken));
            after(method.Name);
            return Copy(answer);
        }
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var (requests, responses) = (Channel.CreateUnbounded<TRequest>(), Channel.CreateUnbounded<TResponse>());
        _ = ServeAsync();
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(requests.Writer), new Reader<TResponse>(responses.Reader), _ => NoHeaders,
            _ => Status.DefaultSuccess, _ => [], _ => requests.Writer.TryComplete(), this);

        async Task ServeAsync()
        {
            try
            {
                await Task.Yield();
                var handler = (DuplexStreamingServerMethod<TRequest, TResponse>)_handlers.Find(method.FullName);
                before(method.Name);
                var answers = new Writer<TResponse>(responses.Writer) { After = () => after(method.Name) };
                await handler(new Reader<TRequest>(requests.Reader), answers, new Context(method.FullName, options.CancellationToken));
                responses.Writer.TryComplete();
            }
            catch (RpcException failure)
            {
                responses.Writer.TryComplete(failure);
            }
            catch (ProcessKilledException death)
            {
                responses.Writer.TryComplete(death);
            }
        }
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("The terminal does not block.");

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("The contract has no such call.");

    private static Task<Metadata> NoHeaders => Task.FromResult(new Metadata());

    private static T Copy<T>(T message)
    {
        var encoded = (IMessage)message!;
        return (T)encoded.Descriptor.Parser.ParseFrom(encoded.ToByteArray());
    }

    private sealed class Handlers : ServiceBinderBase
    {
        private readonly Dictionary<string, Delegate> _byName = [];

        public Delegate Find(string fullName) =>
            _byName.TryGetValue(fullName, out var handler) ? handler : throw new RpcException(new Status(StatusCode.Unimplemented, fullName));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            _byName[method.FullName] = handler!;

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            _byName[method.FullName] = handler!;

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            _byName[method.FullName] = handler!;
    }

    private sealed class Reader<T>(ChannelReader<T> channel) : IAsyncStreamReader<T>
    {
        public T Current { get; private set; } = default!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                Current = await channel.ReadAsync(cancellationToken);
                return true;
            }
            catch (ChannelClosedException closed)
            {
                return closed.InnerException is null ? false : throw closed.InnerException;
            }
        }
    }

    private sealed class Writer<T>(ChannelWriter<T> channel) : IClientStreamWriter<T>, IServerStreamWriter<T>
    {
        public Action After { get; init; } = () => { };

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(T message)
        {
            After();
            await channel.WriteAsync(Copy(message));
        }

        public Task CompleteAsync()
        {
            channel.TryComplete();
            return Task.CompletedTask;
        }
    }

    private sealed class Context(string method, CancellationToken cancellation) : ServerCallContext
    {
        protected override string MethodCore => method;

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => cancellation;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => new("", []);

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
    }
}
