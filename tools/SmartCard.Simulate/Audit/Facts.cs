using SmartCard.Protocol.Transactions;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Audit;

/// <summary>A record that a card committed to, read out of its memory.</summary>
internal sealed record CardCommit(SimulatedCard Card, LogRecord Log)
{
    public TransactionId Transaction => Log.Record.TransactionId;
}

/// <summary>What each card really did. Nobody in the simulated world knows this; the auditor does.</summary>
internal sealed class CardCommits
{
    private readonly Dictionary<TransactionId, CardCommit> _byTransaction = [];

    public IReadOnlyCollection<CardCommit> All => _byTransaction.Values;

    public CardCommit? Find(TransactionId transaction) => _byTransaction.GetValueOrDefault(transaction);

    /// <summary>After every tap, so that nothing has left the card's log in between.</summary>
    public void Read(SimulatedCard card)
    {
        foreach (var record in card.Log().Reverse())
            _byTransaction.TryAdd(record.Record.TransactionId, new CardCommit(card, record));
    }
}

/// <summary>What merchants really handed over.</summary>
internal sealed class GoodsHandedOver
{
    private readonly Dictionary<TransactionId, string> _byTransaction = [];

    public IReadOnlyDictionary<TransactionId, string> All => _byTransaction;

    /// <summary>Transactions for which goods went over the counter twice.</summary>
    public List<TransactionId> Twice { get; } = [];

    public bool WereHandedOver(TransactionId transaction) => _byTransaction.ContainsKey(transaction);

    public void HandOver(TransactionId transaction, string terminal)
    {
        if (!_byTransaction.TryAdd(transaction, terminal))
            Twice.Add(transaction);
    }
}

/// <summary>The baskets of a simulation, found by what a card signs of them.</summary>
internal sealed class Baskets
{
    private readonly Dictionary<string, IReadOnlyList<BasketLine>> _byHash = [];

    public void Know(IReadOnlyList<BasketLine> lines) => _byHash[Convert.ToHexString(Basket.Hash(lines))] = lines;

    public IReadOnlyList<BasketLine> Of(TransactionRecord record) => _byHash[Convert.ToHexString(record.BasketHash.Span)];
}

/// <summary>Something that must never be, with the words to find it by.</summary>
internal sealed record Violation(string Invariant, string Details);
