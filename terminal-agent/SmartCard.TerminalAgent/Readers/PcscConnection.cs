using PCSC;
using PCSC.Exceptions;
using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>A card powered over PC/SC.</summary>
internal sealed class PcscConnection : ICardConnection
{
    private const int StatusBytes = 2;
    private const int ShortResponseBytesMax = 256;

    private readonly PCSC.ICardReader _card;

    public PcscConnection(PCSC.ICardReader card)
    {
        _card = card;
        Atr = Atr.TryCreate(card.GetStatus().GetAtr(), out var atr) ? atr : default;
    }

    public Atr Atr { get; }

    public ResponseApdu Transmit(CommandApdu command)
    {
        var buffer = new byte[Math.Max(ShortResponseBytesMax, command.Le ?? 0) + StatusBytes];
        int received;
        try
        {
            received = _card.Transmit(command.Encode(), buffer);
        }
        catch (PCSCException exception)
        {
            var failure = ReaderFailures.DuringExchange(exception.SCardError);
            throw new CardReaderException(failure, $"The exchange with the card broke off: {exception.Message}", exception);
        }
        // Drivers that notice a removal too late report success and nothing received.
        if (received == 0)
            throw new CardReaderException(ReaderFailure.CardRemoved, "The exchange with the card broke off: nothing came back.");
        return ResponseApdu.TryParse(buffer.AsSpan(0, received), out var response)
            ? response
            : throw new CardReaderException(ReaderFailure.CardMute, $"The card answered with {received} byte, fewer than a status word.");
    }

    public void Dispose()
    {
        try
        {
            _card.CardHandle.Disconnect(SCardReaderDisposition.Reset);
        }
        catch (PCSCException)
        {
            // Gone already: nothing is left to reset.
        }
        _card.Dispose();
    }
}
