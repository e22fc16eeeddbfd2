using System.Net;
using System.Net.Sockets;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>The reader's side of vpcd's protocol is played here; the real one is in the acceptance tests.</summary>
public sealed class ACardInAVirtualReader : ACardAndATerminal
{
    private static readonly byte[] PowerOff = [0, 1, 0];
    private static readonly byte[] PowerOn = [0, 1, 1];
    private static readonly byte[] Reset = [0, 1, 2];
    private static readonly byte[] AskAtr = [0, 1, 4];

    [Fact]
    public async Task Answers_the_ATR_and_commands()
    {
        await using var reader = await Reader.WithAsync(Card);

        await reader.SendAsync(PowerOn);
        await reader.SendAsync(AskAtr);
        Assert.Equal("3B80800101", Convert.ToHexString(await reader.ReceiveAsync()));

        await reader.SendAsync(Frame(Select(Aid.Subsidy).Encode()));
        Assert.True(ResponseApdu.TryParse(await reader.ReceiveAsync(), out var answer));
        Assert.Equal(StatusWord.Success, answer.Status);
    }

    [Fact]
    public async Task Takes_frames_that_come_together_and_frames_that_come_in_pieces()
    {
        await using var reader = await Reader.WithAsync(Card);
        var select = Frame(Select(Aid.Subsidy).Encode());

        await reader.SendAsync([.. PowerOn, .. AskAtr, .. select, .. select]);
        Assert.Equal(5, (await reader.ReceiveAsync()).Length);
        Assert.Equal(await reader.ReceiveAsync(), await reader.ReceiveAsync());

        foreach (var octet in select)
            await reader.SendAsync([octet]);
        Assert.NotEmpty(await reader.ReceiveAsync());
    }

    [Fact]
    public async Task Forgets_its_selection_with_a_reset_and_answers_nothing_useful_without_power()
    {
        await using var reader = await Reader.WithAsync(Card);
        var processingOptions = Frame(Plain(0x80, 0xA8, 0x00, 0x00).Encode());
        await reader.SendAsync([.. PowerOn, .. Frame(Select(Aid.Subsidy).Encode())]);
        await reader.ReceiveAsync();

        await reader.SendAsync(processingOptions);
        Assert.Equal("6982", Convert.ToHexString(await reader.ReceiveAsync()));
        await reader.SendAsync([.. Reset, .. processingOptions]);
        Assert.Equal("6D00", Convert.ToHexString(await reader.ReceiveAsync()));
        await reader.SendAsync([.. PowerOff, .. processingOptions]);
        Assert.Equal("6F00", Convert.ToHexString(await reader.ReceiveAsync()));
    }

    [Fact]
    public async Task Answers_an_empty_frame_too()
    {
        await using var reader = await Reader.WithAsync(Card);

        await reader.SendAsync([.. PowerOn, 0, 0]);

        Assert.Equal("6700", Convert.ToHexString(await reader.ReceiveAsync()));
    }

    [Fact]
    public async Task Notices_that_the_reader_went_away()
    {
        await using var reader = await Reader.WithAsync(Card);
        reader.Close();

        Assert.Equal(VpcdLinkEnd.ReaderGone, await reader.End);
    }

    [Fact]
    public async Task Leaves_when_it_is_told_to()
    {
        await using var reader = await Reader.WithAsync(Card);
        await reader.Stop.CancelAsync();

        Assert.Equal(VpcdLinkEnd.Stopped, await reader.End);
    }

    [Fact]
    public async Task Does_not_put_up_with_another_protocol()
    {
        await using var reader = await Reader.WithAsync(Card);
        await reader.SendAsync([0, 1, 9]);

        Assert.Equal(VpcdLinkEnd.ProtocolError, await reader.End);
    }

    private static byte[] Frame(byte[] payload) => [(byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    private sealed class Reader : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Socket _socket;
        private readonly Card _card;
        private readonly VpcdCardLink _link;

        private Reader(TcpListener listener, Socket socket, Card card, VpcdCardLink link)
        {
            (_listener, _socket, _card, _link) = (listener, socket, card, link);
            End = Task.Factory.StartNew(() => link.Run(Stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public CancellationTokenSource Stop { get; } = new();

        public Task<VpcdLinkEnd> End { get; }

        public static async Task<Reader> WithAsync(TestCard testCard)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var card = new Card(JournalledMemory.Open(testCard.Medium));
            var link = VpcdCardLink.Connect(card, "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
            return new Reader(listener, await listener.AcceptSocketAsync(), card, link);
        }

        public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

        public async Task<byte[]> ReceiveAsync()
        {
            var header = await ReceiveExactlyAsync(2);
            return await ReceiveExactlyAsync((header[0] << 8) | header[1]);
        }

        public void Close() => _socket.Close();

        public async ValueTask DisposeAsync()
        {
            await Stop.CancelAsync();
            await End;
            _link.Dispose();
            _card.Dispose();
            _socket.Dispose();
            _listener.Dispose();
            Stop.Dispose();
        }

        private async Task<byte[]> ReceiveExactlyAsync(int length)
        {
            var bytes = new byte[length];
            for (var filled = 0; filled < length;)
            {
                var read = await _socket.ReceiveAsync(bytes.AsMemory(filled)).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
                Assert.NotEqual(0, read);
                filled += read;
            }

            return bytes;
        }
    }
}
