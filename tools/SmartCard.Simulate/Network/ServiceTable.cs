using Google.Protobuf;
using Grpc.Core;

namespace SmartCard.Simulate.Network;

/// <summary>The methods that a backend serves, found by their full names and called with encoded messages.</summary>
internal sealed class ServiceTable : ServiceBinderBase
{
    private readonly Dictionary<string, Func<byte[], ServerCallContext, Task<byte[]>>> _unary = [];
    private readonly Dictionary<string, Func<MessageStream, MessageStream, ServerCallContext, Task>> _duplex = [];

    public Task<byte[]> CallAsync(string method, byte[] request, ServerCallContext context) => _unary[method](request, context);

    public Task CallAsync(string method, MessageStream requests, MessageStream responses, ServerCallContext context) => _duplex[method](requests, responses, context);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        _unary[method.FullName] = async (request, context) => Messages.Encode(await handler!(Messages.Decode<TRequest>(request), context));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        _duplex[method.FullName] = (requests, responses, context) =>
            handler!(new MessageStreamReader<TRequest>(requests), new MessageStreamWriter<TResponse>(responses), context);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        // A merchant's ledger is uploaded after the day; this simulation ends with the day's records.
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        // None that a terminal calls.
    }
}

internal static class Messages
{
    public static byte[] Encode<T>(T message) => ((IMessage)message!).ToByteArray();

    /// <summary>A copy of its own, as after a wire.</summary>
    public static T Decode<T>(byte[] bytes) => (T)Parsers<T>.Parser.ParseFrom(bytes);

    private static class Parsers<T>
    {
        public static readonly MessageParser Parser = ((IMessage)Activator.CreateInstance<T>()!).Descriptor.Parser;
    }
}
