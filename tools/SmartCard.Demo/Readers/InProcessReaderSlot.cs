using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.TerminalAgent.Readers;

namespace SmartCard.Demo.Readers;

/// <summary>A reader inside this process: nothing to install.</summary>
internal sealed class InProcessReaderSlot(string name) : IReaderSlot
{
    private readonly InProcessCardReader _reader = new(name);

    public ICardReader Reader => _reader;

    public IAsyncDisposable Present(Card card)
    {
        var link = new InProcessCardLink(card);
        var atr = link.Insert();
        _reader.Insert(link, atr, () => card.Reset());
        return new Presentation(_reader, link);
    }

    public void Dispose() => _reader.Dispose();

    private sealed class Presentation(InProcessCardReader reader, InProcessCardLink link) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            reader.Remove();
            link.Remove();
            return ValueTask.CompletedTask;
        }
    }
}
