using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>
/// A place where cards are presented, one at a time: a PC/SC reader, or one inside this process. Used by one flow at a time:
/// wait for a card, connect, exchange, dispose the connection, wait for its removal.
/// </summary>
public interface ICardReader : IDisposable
{
    /// <summary>The name under which the platform knows the reader, unique among those present.</summary>
    string Name { get; }

    /// <summary>
    /// Waits for a card, at once if one lies there already, and returns what it answered to reset. An absent reader or
    /// service is waited out too: the caller has nothing better to do until it is back.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    Task<Atr> WaitForCardAsync(CancellationToken cancellationToken);

    /// <summary>Waits until no card lies there: taken away, or its reader gone.</summary>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    Task WaitForRemovalAsync(CancellationToken cancellationToken);

    /// <summary>Powers the card that lies there and keeps it for this caller alone until the connection is disposed.</summary>
    /// <exception cref="CardReaderException">There is no card, or no way to it; <see cref="CardReaderException.Failure"/> says which.</exception>
    ICardConnection Connect();
}

/// <summary>A powered card. Disposing resets it, so that no session outlives the tap.</summary>
public interface ICardConnection : ICardChannel, IDisposable
{
    Atr Atr { get; }
}
