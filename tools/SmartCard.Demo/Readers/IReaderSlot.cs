using SmartCard.CardOs.Kernel;
using SmartCard.TerminalAgent.Readers;

namespace SmartCard.Demo.Readers;

/// <summary>A reader and the place where a citizen's hand lays a card on it.</summary>
internal interface IReaderSlot : IDisposable
{
    ICardReader Reader { get; }

    /// <summary>Lays the card down; disposing the result takes it away and waits until the reader has seen it go.</summary>
    IAsyncDisposable Present(Card card);
}
