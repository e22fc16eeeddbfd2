using SmartCard.CardOs.Kernel;
using SmartCard.Demo.Readers;
using SmartCard.Demo.World;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day;

/// <summary>A merchant at work: the terminal, its reader and its line.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly ReaderPlace _place;
    private readonly Tally _tally;

    private Shop(DemoMerchant merchant, Terminal terminal, FaultyLine line, ReaderPlace place, Tally tally) =>
        (Merchant, Terminal, Line, _place, _tally) = (merchant, terminal, line, place, tally);

    public DemoMerchant Merchant { get; }
    public Terminal Terminal { get; }
    public FaultyLine Line { get; }

    public static async Task<Shop> OpenAsync(DemoMerchant merchant, ReaderPlace place, TimeProvider time, Tally tally, CancellationToken cancellation)
    {
        FaultyLine? line = null;
        var options = new TerminalOptions { DataFolder = merchant.TerminalFolder, WrapHandler = inner => line = new FaultyLine(inner) };
        var terminal = await Terminal.OpenAsync(options, place.Slot.Reader, time, cancellation);
        return new Shop(merchant, terminal, line!, place, tally);
    }

    /// <summary>A citizen holds a card to the reader for a basket, and takes it away again.</summary>
    public async Task<TapResult> ServeAsync(DemoCard card, IReadOnlyList<BasketLine> lines, CancellationToken cancellation)
    {
        using var hand = card.Open();
        return await ServeAsync(hand.Card, lines, cancellation);
    }

    public Task<TapResult> ServeAsync(Card card, IReadOnlyList<BasketLine> lines, CancellationToken cancellation) => ServeAsync(card, _ => lines, cancellation);

    /// <summary>The same, where the basket depends on what the card or the backend says is left.</summary>
    public async Task<TapResult> ServeAsync(DemoCard card, Func<CardView, IReadOnlyList<BasketLine>> basket, CancellationToken cancellation)
    {
        using var hand = card.Open();
        return await ServeAsync(hand.Card, basket, cancellation);
    }

    public ValueTask DisposeAsync() => Terminal.DisposeAsync();

    private async Task<TapResult> ServeAsync(Card card, Func<CardView, IReadOnlyList<BasketLine>> basket, CancellationToken cancellation)
    {
        using (await _place.TakeAsync(cancellation))
        {
            var presentation = _place.Slot.Present(card);
            await using (presentation)
            {
                await Terminal.WaitForCardAsync(cancellation);
                var result = await Terminal.TapAsync((view, _) => ValueTask.FromResult<IReadOnlyList<BasketLine>?>(basket(view)), cancellation);
                _tally.Count(result);
                return result;
            }
        }
    }
}

/// <summary>A reader that one or more shops use in turn: there may be fewer readers than shops.</summary>
internal sealed class ReaderPlace(IReaderSlot slot) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public IReaderSlot Slot { get; } = slot;

    public async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        return new Turn(_turn);
    }

    public void Dispose()
    {
        Slot.Dispose();
        _turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
