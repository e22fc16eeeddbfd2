namespace SmartCard.Protocol.Apdus;

/// <summary>
/// A way to a card that is present. Synchronous, because PC/SC is a blocking interface. Not safe for two threads at once.
/// </summary>
public interface ICardChannel
{
    /// <exception cref="CardTransportException">The card or the reader went away, or answered with fewer than two bytes.</exception>
    ResponseApdu Transmit(CommandApdu command);
}

/// <summary>The link to the card failed: removed, reset, power lost. Links throw it, or a kind of it, so that callers catch one type.</summary>
public class CardTransportException : Exception
{
    public CardTransportException(string message)
        : base(message)
    {
    }

    public CardTransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
