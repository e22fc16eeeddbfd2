using System.Threading.Channels;
using Grpc.Core;

namespace SmartCard.Simulate.Network;

/// <summary>One direction of a streaming call: messages in order, an end, or a break.</summary>
internal sealed class MessageStream
{
    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>Told of every message before it is on its way.</summary>
    public Action<byte[]>? OnSend { get; set; }

    public void Send(byte[] message)
    {
        OnSend?.Invoke(message);
        _messages.Writer.TryWrite(message);
    }

    public void Complete() => _messages.Writer.TryComplete();

    public void Break(RpcException failure) => _messages.Writer.TryComplete(failure);

    /// <summary>Null at the end.</summary>
    /// <exception cref="RpcException">The call broke.</exception>
    public async Task<byte[]?> ReceiveAsync(CancellationToken cancellation)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellation))
        {
            if (_messages.Reader.TryRead(out var message))
                return message;
        }

        return null;
    }
}

internal sealed class MessageStreamReader<T>(MessageStream stream) : IAsyncStreamReader<T>
{
    public T Current { get; private set; } = default!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (await stream.ReceiveAsync(cancellationToken) is not { } message)
            return false;
        Current = Messages.Decode<T>(message);
        return true;
    }
}

internal sealed class MessageStreamWriter<T>(MessageStream stream) : IClientStreamWriter<T>, IServerStreamWriter<T>
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message)
    {
        stream.Send(Messages.Encode(message));
        return Task.CompletedTask;
    }

    public Task CompleteAsync()
    {
        stream.Complete();
        return Task.CompletedTask;
    }
}
