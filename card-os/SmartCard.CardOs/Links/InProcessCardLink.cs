using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;

namespace SmartCard.CardOs.Links;

/// <summary>A card and its terminal in one process, without a reader: for tests and simulations. The bytes are those that a reader would carry.</summary>
public sealed class InProcessCardLink(Card card) : ICardChannel
{
    public bool IsPresent { get; private set; }

    /// <summary>The card comes into the field.</summary>
    public Atr Insert()
    {
        var atr = card.PowerOn();
        IsPresent = true;
        return atr;
    }

    /// <summary>It leaves the field; every session on it is lost.</summary>
    public void Remove()
    {
        IsPresent = false;
        card.PowerOff();
    }

    public ResponseApdu Transmit(CommandApdu command)
    {
        if (!IsPresent)
            throw new CardTransportException("The card is not in the field.");
        return ResponseApdu.TryParse(card.Transmit(command.Encode()), out var response)
            ? response
            : throw new CardTransportException("The card answered with fewer than two bytes.");
    }
}
