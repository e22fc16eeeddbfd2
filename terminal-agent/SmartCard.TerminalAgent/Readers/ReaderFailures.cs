using PCSC;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>The platform's many return codes as the few failures that mean something to a cashier.</summary>
internal static class ReaderFailures
{
    public static ReaderFailure From(SCardError error) => error switch
    {
        SCardError.NoSmartcard => ReaderFailure.NoCard,
        SCardError.RemovedCard => ReaderFailure.CardRemoved,
        SCardError.ResetCard => ReaderFailure.CardReset,
        SCardError.UnresponsiveCard or SCardError.UnpoweredCard or SCardError.UnsupportedCard or SCardError.ProtocolMismatch
            => ReaderFailure.CardMute,
        SCardError.SharingViolation => ReaderFailure.ReaderInUse,
        SCardError.UnknownReader or SCardError.ReaderUnavailable or SCardError.NoReadersAvailable => ReaderFailure.NoReader,
        SCardError.NoService or SCardError.ServiceStopped or SCardError.Shutdown or SCardError.CommunicationError or SCardError.InvalidHandle
            => ReaderFailure.ServiceGone,
        _ => ReaderFailure.Other,
    };

    /// <summary>As <see cref="From"/>, for a card that answered before: pcscd calls one pulled out under a command "not transacted".</summary>
    public static ReaderFailure DuringExchange(SCardError error) => error switch
    {
        SCardError.NotTransacted or SCardError.NoSmartcard => ReaderFailure.CardRemoved,
        _ => From(error),
    };
}
