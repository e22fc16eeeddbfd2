using System.Net;
using System.Net.Sockets;
using SmartCard.Faults.Network;

namespace SmartCard.Faults.Tests;

/// <summary>Passes what it is given; cut, it breaks off after so many bytes of a request or of an answer; the next connection is good; without a server there is none.</summary>
public sealed class A_connection_through_the_proxy : IAsyncLifetime
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private CuttingProxy _proxy = null!;
    private bool _isDown;

    public Task InitializeAsync()
    {
        _server.Start();
        _proxy = new CuttingProxy(() => _isDown ? null : _server.LocalEndpoint);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Stop();
    }

    [Fact]
    public async Task Carries_bytes_both_ways()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("question"u8.ToArray());
            Assert.Equal("question", await ReadAsync(server, 8));
            await server.SendAsync("answer"u8.ToArray());
            Assert.Equal("answer", await ReadAsync(client, 6));
        }
    }

    [Fact]
    public async Task Breaks_off_in_the_middle_of_a_request()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            Assert.Equal(1, _proxy.Cut(Direction.ToServer, afterBytes: 3));
            await client.SendAsync("question"u8.ToArray());

            Assert.Equal("que", await ReadAsync(server, 8));
            Assert.Equal("", await ReadAsync(client, 1));
        }
    }

    [Fact]
    public async Task Breaks_off_in_the_middle_of_an_answer()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            _proxy.Cut(Direction.ToClient, afterBytes: 2);
            await client.SendAsync("question"u8.ToArray());
            Assert.Equal("question", await ReadAsync(server, 8));
            await server.SendAsync("answer"u8.ToArray());

            Assert.Equal("an", await ReadAsync(client, 6));
        }
    }

    [Fact]
    public async Task Is_good_again_for_the_next_one()
    {
        var (first, cut) = await ConnectAsync();
        using (first)
        using (cut)
            _proxy.Cut(Direction.ToServer, afterBytes: 0);

        await Carries_bytes_both_ways();
    }

    [Fact]
    public async Task Ends_at_once_without_a_server()
    {
        _isDown = true;
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);

        // The reset may come as early as the connection.
        Assert.True(await Record.ExceptionAsync(() => client.ConnectAsync(IPAddress.Loopback, _proxy.Port)) is null or SocketException);
        Assert.True(!client.Connected || await ReadAsync(client, 1) == "");
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        var server = await _server.AcceptSocketAsync();
        // The proxy knows of the connection once it carried something.
        await server.SendAsync("!"u8.ToArray());
        Assert.Equal("!", await ReadAsync(client, 1));
        return (client, server);
    }

    /// <summary>So many bytes, or fewer where the connection ended before.</summary>
    private static async Task<string> ReadAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        var read = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (read < count && await socket.ReceiveAsync(buffer.AsMemory(read), patience.Token) is > 0 and var more)
                read += more;
        }
        catch (SocketException)
        {
            // A reset.
        }
        return System.Text.Encoding.ASCII.GetString(buffer, 0, read);
    }
}
