using PCSC.Interop;

namespace PCSC;

/// <summary>A card connected to.</summary>
public interface ICardReader : IDisposable
{
    ICardHandle CardHandle { get; }

    SCardProtocol Protocol { get; }

    /// <returns>How many bytes of <paramref name="receiveBuffer"/> the answer took.</returns>
    int Transmit(byte[] sendBuffer, byte[] receiveBuffer);

    ReaderStatus GetStatus();
}

public interface ICardHandle : IDisposable
{
    void Disconnect(SCardReaderDisposition disconnectExecution);
}

public sealed class ReaderStatus
{
    private readonly byte[] _atr;

    internal ReaderStatus(byte[] atr)
    {
        _atr = atr;
    }

    public byte[] GetAtr() => [.. _atr];
}

internal sealed class CardReader(SCardApi api, CardHandle handle, SCardProtocol protocol) : ICardReader
{
    public ICardHandle CardHandle => handle;

    public SCardProtocol Protocol => protocol;

    public int Transmit(byte[] sendBuffer, byte[] receiveBuffer)
    {
        api.Transmit(handle.Card, protocol, sendBuffer, receiveBuffer, out var received).ThrowUnlessSuccess();
        return received;
    }

    public ReaderStatus GetStatus()
    {
        api.GetAtr(handle.Card, out var atr).ThrowUnlessSuccess();
        return new ReaderStatus(atr);
    }

    public void Dispose() => handle.Dispose();
}

internal sealed class CardHandle(SCardApi api, nint card) : ICardHandle
{
    private nint _card = card;

    public nint Card => _card != 0 ? _card : throw new InvalidOperationException("Not connected.");

    public void Disconnect(SCardReaderDisposition disconnectExecution)
    {
        api.Disconnect(Card, disconnectExecution).ThrowUnlessSuccess();
        _card = 0;
    }

    public void Dispose()
    {
        if (_card != 0)
        {
            api.Disconnect(_card, SCardReaderDisposition.Leave);
            _card = 0;
        }
        GC.SuppressFinalize(this);
    }

    ~CardHandle() => Dispose();
}
