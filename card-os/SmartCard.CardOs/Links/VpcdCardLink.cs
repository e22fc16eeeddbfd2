using System.Buffers.Binary;
using System.Net.Sockets;
using SmartCard.CardOs.Kernel;

namespace SmartCard.CardOs.Links;

/// <summary>How a stay in the virtual reader ended.</summary>
public enum VpcdLinkEnd
{
    /// <summary>This side was asked to stop.</summary>
    Stopped,

    /// <summary>The reader closed the connection: pcscd went away.</summary>
    ReaderGone,

    /// <summary>The reader said something that its protocol does not know.</summary>
    ProtocolError,
}

/// <summary>
/// A card in vsmartcard's virtual reader (vpcd): the card connects by TCP, and pcscd serves it like any other card. On the wire, both ways, a length in two bytes, big endian, and
/// the payload. A payload of one byte from the reader is control: 0 power off, 1 power on, 2 reset, which have no reply, and 4, which asks for the ATR.
/// Everything else is a command APDU.
/// </summary>
public sealed class VpcdCardLink : IDisposable
{
    /// <summary>vpcd's port for its first slot; the second is the next.</summary>
    public const int DefaultPort = 35963;

    private const int LengthBytes = 2;
    private const byte PowerOff = 0;
    private const byte PowerOn = 1;
    private const byte Reset = 2;
    private const byte AskAtr = 4;

    // Linux: IPPROTO_TCP, TCP_QUICKACK.
    private const int TcpLevel = 6;
    private const int TcpQuickAck = 12;

    private readonly Card _card;
    private readonly Socket _socket;
    private readonly byte[] _received = new byte[LengthBytes + ushort.MaxValue];
    private readonly byte[] _sent = new byte[LengthBytes + ushort.MaxValue];
    private int _filled;
    private int _consumed;

    private VpcdCardLink(Card card, Socket socket) => (_card, _socket) = (card, socket);

    /// <exception cref="SocketException">No virtual reader listens there.</exception>
    public static VpcdCardLink Connect(Card card, string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(host, port);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        return new VpcdCardLink(card, socket);
    }

    /// <summary>Serves the card until the reader goes or <paramref name="stop"/> is signalled. Blocks: give it a thread of its own.</summary>
    public VpcdLinkEnd Run(CancellationToken stop)
    {
        using var registration = stop.Register(_socket.Dispose);
        try
        {
            while (TryReceive(out var payload))
            {
                if (!Handle(payload))
                    return VpcdLinkEnd.ProtocolError;
            }
        }
        catch (SocketException)
        {
            // Told apart below.
        }
        catch (ObjectDisposedException)
        {
            // Told apart below.
        }
        finally
        {
            _card.PowerOff();
        }

        return stop.IsCancellationRequested ? VpcdLinkEnd.Stopped : VpcdLinkEnd.ReaderGone;
    }

    public void Dispose() => _socket.Dispose();

    private bool Handle(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 1)
        {
            Send(_card.Transmit(payload));
            return true;
        }

        switch (payload[0])
        {
            case PowerOff:
                _card.PowerOff();
                return true;
            case PowerOn:
                _card.PowerOn();
                return true;
            case Reset:
                _card.Reset();
                return true;
            case AskAtr:
                Send(SmartCard.Protocol.Apdus.Atr.VirtualCard.Span);
                return true;
            default:
                return false;
        }
    }

    /// <summary>One frame; several may have arrived together, and one may come in pieces. False when the reader closed the connection.</summary>
    private bool TryReceive(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        Consume();
        while (!HasFrame())
        {
            var read = Read();
            if (read == 0)
                return false;
            _filled += read;
        }

        _consumed = LengthBytes + FrameLength();
        payload = _received.AsSpan(LengthBytes, FrameLength());
        return true;
    }

    private void Consume()
    {
        _received.AsSpan(_consumed, _filled - _consumed).CopyTo(_received);
        _filled -= _consumed;
        _consumed = 0;
    }

    private bool HasFrame() => _filled >= LengthBytes && _filled >= LengthBytes + FrameLength();

    private int FrameLength() => BinaryPrimitives.ReadUInt16BigEndian(_received);

    private int Read()
    {
        // vpcd sends length and payload in two segments and waits for the acknowledgement of the first: a delayed one costs 44 ms a command. The kernel
        // takes the option back by itself, so it is set before every read.
        if (OperatingSystem.IsLinux())
            _socket.SetRawSocketOption(TcpLevel, TcpQuickAck, [1, 0, 0, 0]);
        return _socket.Receive(_received.AsSpan(_filled));
    }

    private void Send(ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_sent, (ushort)payload.Length);
        payload.CopyTo(_sent.AsSpan(LengthBytes));
        for (var rest = _sent.AsMemory(0, LengthBytes + payload.Length); !rest.IsEmpty;)
            rest = rest[_socket.Send(rest.Span)..];
    }
}
