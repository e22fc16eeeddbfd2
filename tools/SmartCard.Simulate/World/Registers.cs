using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.World;

/// <summary>
/// What the other modules know, behind their real facades: cards, households, merchants. They are simple and always there; it is the ledger that is under
/// test. Every answer takes a turn, so that what was looked up may be history when it is used.
/// </summary>
internal sealed class Registers
{
    private readonly Dictionary<CardNumber, CardStanding> _cards = [];
    private readonly Dictionary<CardNumber, CardHistory> _histories = [];
    private readonly Dictionary<HouseholdId, HouseholdShape> _households = [];
    private readonly Dictionary<HouseholdId, int> _membersMax = [];
    private readonly List<DenylistEntry> _denylist = [];
    private readonly HashSet<TerminalId> _revoked = [];

    public Registers(Bureau bureau)
    {
        Cards = Facade.Of<ICards>(
            (nameof(ICards.FindAsync), arguments => FoundAsync((IReadOnlyCollection<CardNumber>)arguments[0]!, _cards)),
            (nameof(ICards.DenylistAfterAsync), arguments => DenylistAfterAsync((long)arguments[0]!, (int)arguments[1]!)));
        Issuance = Facade.Of<ICardIssuance>((nameof(ICardIssuance.HistoryAsync), arguments => HistoryAsync((CardNumber)arguments[0]!)));
        Registry = Facade.Of<IRegistry>(
            (nameof(IRegistry.FindHouseholdsAsync), arguments => FoundAsync((IReadOnlyCollection<HouseholdId>)arguments[0]!, _households)),
            (nameof(IRegistry.FindDisplayNameAsync), _ => Task.FromResult<string?>("H.")));
        Merchants = Facade.Of<IMerchants>(
            (nameof(IMerchants.FindMerchantAsync), arguments => Task.FromResult<MerchantProfile?>(ProfileOf((MerchantId)arguments[0]!))));
        Authority = new SimulatedAuthority(bureau);
    }

    public ICards Cards { get; }

    public ICardIssuance Issuance { get; }

    public IRegistry Registry { get; }

    public IMerchants Merchants { get; }

    public ICertificateAuthority Authority { get; }

    public IEnumerable<HouseholdId> Households => _households.Keys;

    /// <summary>The most that it ever had: an entitlement that was drawn is not taken back when a household shrinks.</summary>
    public int MembersMaxOf(HouseholdId household) => _membersMax[household];

    public void Admit(HouseholdId household, int members)
    {
        _membersMax[household] = members;
        _households[household] = new HouseholdShape(household, members, [1, 2, 3], Governorate: 1);
    }

    public void Issue(CardImage card, HouseholdId household, DateTimeOffset at)
    {
        _cards[card.Number] = new CardStanding(card.Number, household, CardState.Active, card.SignaturePoint, KeyVersion: 1);
        _histories[card.Number] = new CardHistory(card.Number, household, CardState.Active, [new CardEvent(CardState.Active, at, "simulation", "")]);
    }

    public HouseholdId HouseholdOf(CardNumber card) => _cards[card].Household;

    public int MembersOf(HouseholdId household) => _households[household].Members;

    public bool IsBlocked(CardNumber card) => _cards[card].State != CardState.Active;

    public void Block(CardNumber card, DateTimeOffset at)
    {
        _cards[card] = _cards[card] with { State = CardState.Blocked };
        var history = _histories[card];
        _histories[card] = history with { State = CardState.Blocked, Events = [.. history.Events, new CardEvent(CardState.Blocked, at, "simulation", "lost")] };
        _denylist.Add(new DenylistEntry(_denylist.Count + 1, card, Denied: true));
    }

    public void Reshape(HouseholdId household, int members)
    {
        _membersMax[household] = Math.Max(members, _membersMax[household]);
        _households[household] = _households[household] with { Members = members };
    }

    public bool IsRevoked(TerminalId terminal) => _revoked.Contains(terminal);

    public void Revoke(TerminalId terminal) => _revoked.Add(terminal);

    public TerminalStanding StandingOf(Merchant merchant) => new(
        merchant.Terminal, merchant.Id, merchant.Outlet, IsRevoked(merchant.Terminal) ? TerminalState.Revoked : TerminalState.Enrolled,
        MerchantSuspended: false, "01", merchant.Programmes);

    private static async Task<IReadOnlyDictionary<TKey, TValue>> FoundAsync<TKey, TValue>(IReadOnlyCollection<TKey> wanted, Dictionary<TKey, TValue> known)
        where TKey : notnull
    {
        var found = wanted.Where(known.ContainsKey).ToDictionary(key => key, key => known[key]);
        await Task.Yield();
        return found;
    }

    private async Task<CardHistory?> HistoryAsync(CardNumber card)
    {
        await Task.Yield();
        return _histories.GetValueOrDefault(card);
    }

    private async Task<DenylistPage> DenylistAfterAsync(long version, int limit)
    {
        var entries = _denylist.Where(entry => entry.Version > version).Take(limit).ToArray();
        await Task.Yield();
        return new DenylistPage(entries.LastOrDefault().Version is var last and > 0 ? last : version, entries, More: false);
    }

    private static MerchantProfile ProfileOf(MerchantId id)
    {
        var merchant = Merchant.All.Single(merchant => merchant.Id == id);
        var name = new Label(merchant.Name, merchant.Name, merchant.Name);
        return new MerchantProfile(merchant.Id, merchant.Kind, name, Suspended: false, merchant.Programmes, [new OutletRegistration(merchant.Outlet, name, 1)]);
    }
}
