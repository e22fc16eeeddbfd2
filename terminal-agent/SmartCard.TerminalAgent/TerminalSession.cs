using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent;

/// <summary>
/// A merchant's session at a terminal: the basket being filled, the card awaited, the last result. What a screen of any kind is drawn from; it
/// holds no text. One merchant, one thread at a time.
/// </summary>
public sealed class TerminalSession(Terminal terminal)
{
    private readonly List<BasketLine> _basket = [];
    private bool _cardWasServed;

    public Terminal Terminal => terminal;

    public IReadOnlyList<BasketLine> Basket => _basket;

    /// <summary>The result of the last tap; null before the first.</summary>
    public TapResult? Last { get; private set; }

    /// <summary>Today's price list; empty without parameters.</summary>
    public IReadOnlyList<PricedArticle> Articles =>
        terminal.Parameters is { } parameters && terminal.Now is { } now ? parameters.ArticlesOn(now.Date) : [];

    /// <summary>What the basket is worth at card prices, and what of it the citizen pays.</summary>
    public (long TotalMinor, long CitizenPaysMinor) Totals()
    {
        var (total, citizenPays) = (0L, 0L);
        foreach (var line in _basket)
        {
            var price = (long)line.Quantity * line.UnitPriceMinor;
            total += price;
            if (terminal.Parameters?.Programmes.TryGetValue(line.Programme, out var programme) == true && programme.CitizenPays)
                citizenPays += price;
        }

        return (total, citizenPays);
    }

    /// <summary>Adds pieces of an article to the basket, to its line where it has one. False where the basket cannot hold that.</summary>
    public bool Add(PricedArticle article, uint quantity)
    {
        var index = _basket.FindIndex(line => line.Programme == article.Programme && line.Commodity == article.Commodity && line.UnitPriceMinor == article.UnitPriceMinor);
        var before = index < 0 ? 0 : _basket[index].Quantity;
        if (quantity == 0 || (long)before + quantity > int.MaxValue || (index < 0 && _basket.Count == Protocol.Transactions.Basket.LinesMax))
            return false;
        var line = new BasketLine(article.Programme, article.Commodity, before + quantity, article.UnitPriceMinor);
        if (index < 0)
            _basket.Add(line);
        else
            _basket[index] = line;
        return true;
    }

    public bool Remove(int index)
    {
        if (index < 0 || index >= _basket.Count)
            return false;
        _basket.RemoveAt(index);
        return true;
    }

    public void Clear() => _basket.Clear();

    /// <summary>
    /// Waits for a card and serves it with the basket. A card that was served has to be taken away before one is served again. The draw runs on a thread of the
    /// pool, for a card's exchanges block.
    /// </summary>
    /// <param name="confirm">
    /// Asked once the card has proved itself and what is left is known; may change the basket. False: nothing is drawn. By default the basket is
    /// drawn as it is.
    /// </param>
    /// <returns>An approved basket is empty afterwards, any other is kept for the next try.</returns>
    /// <exception cref="OperationCanceledException">Nobody waits for a card any more.</exception>
    public async Task<TapResult> ServeAsync(CancellationToken cancellationToken, Func<CardView, CancellationToken, ValueTask<bool>>? confirm = null)
    {
        if (_cardWasServed)
            await terminal.WaitForRemovalAsync(cancellationToken);
        _cardWasServed = false;
        try
        {
            await terminal.WaitForCardAsync(cancellationToken);
        }
        catch (CardTransportException)
        {
            // Something lies there that does not answer: the tap says so in its own words.
        }

        _cardWasServed = true;
        Last = await Task.Run(() => terminal.TapAsync(ChooseAsync, cancellationToken), CancellationToken.None);
        // A recovered draw was another basket's.
        if (Last.Outcome.IsApproved && !Last.IsRecovered)
            Clear();
        return Last;

        async ValueTask<IReadOnlyList<BasketLine>?> ChooseAsync(CardView card, CancellationToken cancellation) =>
            confirm is null || await confirm(card, cancellation) ? _basket.ToArray() : null;
    }

    /// <summary>Gives up the last draw before the goods are handed over. False where it cannot be given up.</summary>
    public async Task<bool> CancelLastAsync(CancellationToken cancellationToken) =>
        Last?.TransactionId is { } transaction && await terminal.CancelAsync(transaction, cancellationToken);
}
