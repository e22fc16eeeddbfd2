using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SmartCard.Protocol.Apdus;

namespace SmartCard.Testing.VirtualReaders;

/// <summary>
/// A card whose every answer the test decides, on a virtual reader. Speaks vpcd's protocol: frames of a two-byte big-endian
/// length and a payload; a payload of one byte is a signal to the card, any other a command.
/// </summary>
public sealed class ScriptedCard : IDisposable
{
    private const byte AskForAtr = 4;
    private const int TcpLevel = 6;
    private const int QuickAcknowledge = 12;

    private readonly TcpClient _link;
    private readonly byte[] _atr;
    private readonly Func<byte[], byte[]?> _answer;

    private ScriptedCard(TcpClient link, byte[] atr, Func<byte[], byte[]?> answer)
    {
        _link = link;
        _atr = atr;
        _answer = answer;
        Served = Task.Run(ServeAsync);
    }

    /// <summary>Ends when the card was taken away, whoever took it.</summary>
    public Task Served { get; }

    /// <param name="answer">Data and status word for a command; null pulls the card out in the middle of it.</param>
    /// <param name="atr">An empty one is a card that does not answer to reset.</param>
    public static async Task<ScriptedCard> InsertAsync(VirtualReader reader, Func<byte[], byte[]?> answer, byte[]? atr = null)
    {
        var link = new TcpClient { NoDelay = true };
        await link.ConnectAsync(IPAddress.Loopback, reader.Port);
        return new ScriptedCard(link, atr ?? Atr.VirtualCard.ToArray(), answer);
    }

    /// <summary>Takes the card away.</summary>
    public void Dispose() => _link.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            var stream = _link.GetStream();
            while (true)
            {
                var payload = await ReadFrameAsync(stream);
                var answer = payload switch
                {
                    [AskForAtr] => _atr,
                    [_] => [],
                    _ => _answer(payload),
                };
                if (answer is null)
                    break;
                if (payload is [AskForAtr] or [_, _, ..])
                    await WriteFrameAsync(stream, answer);
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // pcscd or the test ended the connection.
        }
        _link.Dispose();
    }

    private async Task<byte[]> ReadFrameAsync(NetworkStream stream)
    {
        AcknowledgeAtOnce();
        var length = new byte[2];
        await stream.ReadExactlyAsync(length);
        AcknowledgeAtOnce();
        var payload = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(payload);
        return payload;
    }

    // vpcd sends length and payload apart, the second only when the first is acknowledged: 40 ms, unless Linux is told not
    // to wait (TCP_QUICKACK, which holds for one read).
    private void AcknowledgeAtOnce()
    {
        if (OperatingSystem.IsLinux())
            _link.Client.SetRawSocketOption(TcpLevel, QuickAcknowledge, BitConverter.GetBytes(1));
    }

    private static async Task WriteFrameAsync(NetworkStream stream, byte[] payload)
    {
        var frame = new byte[2 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)payload.Length);
        payload.CopyTo(frame, 2);
        await stream.WriteAsync(frame);
    }
}
