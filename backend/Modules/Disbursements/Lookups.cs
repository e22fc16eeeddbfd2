using System.Data.Common;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements;

/// <summary>What the path asks the other modules and the ledger before it decides: single questions of many callers, asked together.</summary>
internal sealed class Lookups : IAsyncDisposable
{
    private readonly BatchedLookup<CardNumber, CardStanding> _cards;
    private readonly BatchedLookup<(HouseholdId Household, DateOnly Date), HouseholdShape> _households;

    // Not LedgerPath's look-up: what that gives to a draw, the draw's decision changes, so nobody else may hold it.
    private readonly BatchedLookup<(HouseholdId Household, DateOnly Date), HouseholdState> _balances;
    private readonly ILedgerConnection _ledger;
    private readonly ICardIssuance _issuance;

    public Lookups(ICards cards, ICardIssuance issuance, IRegistry registry, IProgrammes programmes, LedgerPath path)
    {
        _issuance = issuance;
        _ledger = path.Store.Open();
        var waitingMax = 2 * path.Options.InFlightMax;
        _cards = new(keys => cards.FindAsync(keys, CancellationToken.None), waitingMax, path.Loops);
        _households = new(keys => ShapesAsync(registry, keys), waitingMax, path.Loops);
        _balances = new(keys => StatesAsync(programmes, keys), waitingMax, path.Loops);
    }

    public Task<CardStanding?> CardAsync(CardNumber card, CancellationToken cancellation) => _cards.FindAsync(card, cancellation);

    public Task<HouseholdShape?> HouseholdAsync(HouseholdId household, DateOnly date, CancellationToken cancellation) => _households.FindAsync((household, date), cancellation);

    /// <summary>The household's balances in the periods of a date; empty where it never drew.</summary>
    public async Task<HouseholdState> BalancesAsync(HouseholdId household, DateOnly date, CancellationToken cancellation) =>
        await _balances.FindAsync((household, date), cancellation) ?? new HouseholdState(household, version: 0);

    /// <summary>When the card was blocked or replaced, whichever came first. Asked for the rare offline record of such a card.</summary>
    public async Task<DateTimeOffset?> BlockedAtAsync(CardNumber card, CancellationToken cancellation)
    {
        var history = await _issuance.HistoryAsync(card, cancellation);
        return history?.Events.Where(step => step.State is CardState.Blocked or CardState.Replaced).Select(step => (DateTimeOffset?)step.At).Min();
    }

    public async ValueTask DisposeAsync()
    {
        await _cards.DisposeAsync();
        await _households.DisposeAsync();
        await _balances.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    private static async Task<IReadOnlyDictionary<(HouseholdId, DateOnly), HouseholdShape>> ShapesAsync(
        IRegistry registry, IReadOnlyCollection<(HouseholdId Household, DateOnly Date)> keys)
    {
        var shapes = new Dictionary<(HouseholdId, DateOnly), HouseholdShape>(keys.Count);
        // Nearly always one date; late records bring others.
        foreach (var byDate in keys.GroupBy(key => key.Date, key => key.Household))
        {
            foreach (var (household, shape) in await registry.FindHouseholdsAsync([.. byDate], byDate.Key, CancellationToken.None))
                shapes.Add((household, byDate.Key), shape);
        }
        return shapes;
    }

    private async Task<IReadOnlyDictionary<(HouseholdId, DateOnly), HouseholdState>> StatesAsync(
        IProgrammes programmes, IReadOnlyCollection<(HouseholdId Household, DateOnly Date)> keys)
    {
        LedgerKey[] wanted = [.. keys.Select(key => new LedgerKey(key.Household, programmes.RulesOn(key.Date).Periods))];
        IReadOnlyDictionary<HouseholdId, HouseholdState> states;
        try
        {
            states = await _ledger.ReadAsync(wanted, CancellationToken.None);
        }
        catch (DbException)
        {
            // The connection is kept open between questions and may have died since the last: a new one is worth one try.
            states = await _ledger.ReadAsync(wanted, CancellationToken.None);
        }
        return keys.ToDictionary(key => key, key => states[key.Household]);
    }
}
