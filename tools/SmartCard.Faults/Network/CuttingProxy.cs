using System.Net;
using System.Net.Sockets;

namespace SmartCard.Faults.Network;

internal enum Direction
{
    ToServer,
    ToClient,
}

/// <summary>
/// Bytes between a client and a server, on a free port of the loopback, until told to cut: then every connection that is open passes a few more bytes in one direction and
/// breaks off, in the middle of a request or of an answer. New connections are taken at once.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const int BufferBytes = 32 * 1024;

    private readonly Func<EndPoint?> _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _turn = new();
    private readonly HashSet<Link> _links = [];
    private Task _accepting = Task.CompletedTask;

    /// <param name="server">Where the server is now; null while it is not: then connections are closed at once.</param>
    public CuttingProxy(Func<EndPoint?> server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were cut so far.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts what is open now, each after so many more bytes in a direction; returns how many connections that was.</summary>
    public int Cut(Direction direction, int afterBytes)
    {
        lock (_turn)
        {
            foreach (var link in _links)
                link.CutAfter(direction, afterBytes);
            Cuts += _links.Count;
            return _links.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Link[] left;
        lock (_turn)
            left = [.. _links];
        foreach (var link in left)
            link.Break();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = CarryAsync(client);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var server = await ConnectAsync();
        if (server is null)
        {
            client.Close(0);
            return;
        }
        var link = new Link(client, server);
        lock (_turn)
            _links.Add(link);
        await link.CarryAsync();
        lock (_turn)
            _links.Remove(link);
    }

    private async Task<Socket?> ConnectAsync()
    {
        if (_server() is not { } address)
            return null;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, _stop.Token);
            return socket;
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    private sealed class Link(Socket client, Socket server)
    {
        // Negative: not armed.
        private long _leftToServer = -1;
        private long _leftToClient = -1;

        public void CutAfter(Direction direction, int bytes)
        {
            if (direction == Direction.ToServer)
                Interlocked.Exchange(ref _leftToServer, bytes);
            else
                Interlocked.Exchange(ref _leftToClient, bytes);
        }

        public async Task CarryAsync()
        {
            NoDelay(client);
            NoDelay(server);
            await Task.WhenAny(PumpAsync(client, server, Direction.ToServer), PumpAsync(server, client, Direction.ToClient));
            Break();
        }

        public void Break()
        {
            // Zero: a reset and no farewell, as from a machine that is gone.
            client.Close(0);
            server.Close(0);
        }

        private async Task PumpAsync(Socket from, Socket to, Direction direction)
        {
            var buffer = new byte[BufferBytes];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var read)
                {
                    var left = Left(direction);
                    if (left >= 0 && read >= left)
                    {
                        await to.SendAsync(buffer.AsMemory(0, (int)left));
                        return;
                    }
                    await SendAllAsync(to, buffer.AsMemory(0, read));
                    if (left >= 0)
                        Spend(direction, read);
                }
            }
            catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
            {
                // One side is gone: the other follows.
            }
        }

        private static async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await to.SendAsync(bytes)..];
        }

        private long Left(Direction direction) => direction == Direction.ToServer ? Interlocked.Read(ref _leftToServer) : Interlocked.Read(ref _leftToClient);

        private void Spend(Direction direction, int bytes)
        {
            if (direction == Direction.ToServer)
                Interlocked.Add(ref _leftToServer, -bytes);
            else
                Interlocked.Add(ref _leftToClient, -bytes);
        }

        private static void NoDelay(Socket socket)
        {
            if (socket.AddressFamily != AddressFamily.Unix)
                socket.NoDelay = true;
        }
    }
}
