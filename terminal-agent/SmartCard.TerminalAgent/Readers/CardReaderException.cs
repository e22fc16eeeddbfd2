using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>Why a card could not be reached: each calls for other words to the cashier.</summary>
public enum ReaderFailure
{
    /// <summary>No card lies on the reader.</summary>
    NoCard,

    /// <summary>The card was taken away during the exchange.</summary>
    CardRemoved,

    /// <summary>The card was reset from elsewhere: its session is lost, its memory is not.</summary>
    CardReset,

    /// <summary>Something lies there that does not answer, or not as a card does.</summary>
    CardMute,

    /// <summary>Another program holds the card.</summary>
    ReaderInUse,

    /// <summary>The reader was unplugged, or was never there.</summary>
    NoReader,

    /// <summary>The platform's card service is not running; it is waited for.</summary>
    ServiceGone,

    /// <summary>None of the above: the exception's message has the platform's own words.</summary>
    Other,
}

/// <summary>The card cannot be reached, or no longer.</summary>
public sealed class CardReaderException : CardTransportException
{
    public CardReaderException(ReaderFailure failure, string message)
        : base(message) => Failure = failure;

    public CardReaderException(ReaderFailure failure, string message, Exception innerException)
        : base(message, innerException) => Failure = failure;

    public ReaderFailure Failure { get; }
}
