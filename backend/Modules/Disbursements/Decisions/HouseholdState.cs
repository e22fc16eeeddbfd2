using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// What the ledger knows of one household: read at one version, then changed by the decisions of a batch, in order. What changed is written only if the
/// household is still at that version. Open periods and the cards' counters are always known; single records of the past, and periods that were closed,
/// are read where a request needs them.
/// </summary>
internal sealed class HouseholdState(HouseholdId household, long version)
{
    /// <summary>A household's row holds the month of its last write and this many before it.</summary>
    private const int OpenMonths = 2;

    /// <summary>Of one write; a household that is lent more often in one batch is lent the rest with its next draw.</summary>
    private const int LendingsPerWriteMax = 16;

    // A household has a few of each: looking through a short list is faster than hashing, and a list that stays empty is not made.
    private readonly List<Balance> _balances = new(2);
    private readonly List<CardCounter> _counters = new(1);
    private List<Occupant>? _occupants;
    private List<LentAllowance>? _allowances;
    private List<Guid>? _credits;

    /// <summary>Where cards stood before records of this batch led on from there.</summary>
    private List<CardCounter>? _passed;

    /// <summary>Closed periods that were asked for, so that what is not known of them is not there.</summary>
    private List<PeriodId>? _askedClosed;
    private int _lendings;
    private bool _taken;

    public HouseholdId Household { get; } = household;

    /// <summary>0 where the ledger has never seen the household.</summary>
    public long Version { get; } = version;

    public HouseholdChanges Changes { get; } = new();

    /// <summary>Periods with a lower id are closed: their balances stand in rows of their own. 0 where none is.</summary>
    public int ClosedBefore { get; private set; }

    public IReadOnlyList<Balance> Balances => _balances;

    public IReadOnlyList<LentAllowance> Allowances => _allowances ?? [];

    public IReadOnlyList<CardCounter> Counters => _counters;

    /// <summary>
    /// True for the first who asks: what is decided leaves its marks here, so a state serves one attempt. One that was read for two requests which then came to
    /// stand in different batches serves the first.
    /// </summary>
    public bool TryTake() => !_taken && (_taken = true);

    public Balance BalanceOf(QuotaCode quota, PeriodId period)
    {
        foreach (var known in _balances)
        {
            if (known.Quota == quota && known.Period == period)
                return known;
        }
        AssertKnown(period);
        var balance = new Balance(quota, period);
        _balances.Add(balance);
        return balance;
    }

    public LentAllowance AllowanceOf(CardNumber card, QuotaCode quota, PeriodId period)
    {
        foreach (var known in _allowances ??= new(1))
        {
            if (known.Card == card && known.Quota == quota && known.Period == period)
                return known;
        }
        AssertKnown(period);
        var allowance = new LentAllowance(card, quota, period);
        _allowances.Add(allowance);
        return allowance;
    }

    public Occupant? OccupantAt(CardNumber card, int atc)
    {
        var place = PlaceOf(card, atc);
        return place < 0 ? null : _occupants![place];
    }

    /// <summary>Null where the ledger has no record of the card.</summary>
    public CardCounter? CounterOf(CardNumber card)
    {
        foreach (var counter in _counters)
        {
            if (counter.Card == card)
                return counter;
        }
        return null;
    }

    /// <summary>The chain after the card's record at a counter; null where the ledger has none there, or it was not asked for.</summary>
    public RecordChain? ChainAfter(CardNumber card, int atc)
    {
        if (OccupantAt(card, atc) is { } occupant)
            return occupant.ChainAfter;
        foreach (var counter in _counters)
        {
            if (counter.Card == card && counter.Atc.Value == atc)
                return counter.ChainAfter;
        }
        foreach (var counter in _passed ?? [])
        {
            if (counter.Card == card && counter.Atc.Value == atc)
                return counter.ChainAfter;
        }
        return null;
    }

    /// <summary>True where a record may stand at (card, ATC) or above it, so that its neighbourhood has to be read.</summary>
    public bool MayOccupy(CardNumber card, Atc atc) => CounterOf(card) is { } counter && counter.Atc.Value >= atc.Value;

    public bool IsClosed(PeriodId period) => period.Value < ClosedBefore;

    /// <summary>Of closed periods, what this write changes or closes.</summary>
    public IReadOnlyList<Balance> ClosedBalances => ClosedBefore == 0 ? [] : Changes.Balances.FindAll(balance => IsClosed(balance.Period));

    /// <inheritdoc cref="ClosedBalances"/>
    public IReadOnlyList<LentAllowance> ClosedAllowances => ClosedBefore == 0 ? [] : Changes.Allowances.FindAll(allowance => IsClosed(allowance.Period));

    public bool KnowsCredit(Guid creditId) => _credits is not null && _credits.Contains(creditId);

    /// <summary>False where this write has no counter left for another lending.</summary>
    public bool MayLend => _lendings < LendingsPerWriteMax;

    /// <summary>
    /// A card carries out a script whose counter is above the last one's, so counters of a card have to grow and may have gaps. The household's version grows with every
    /// write, so the counter follows from it and nothing has to be looked up.
    /// </summary>
    public uint NextScriptCounter()
    {
        Invariant.Holds(MayLend, "a write has a script counter for each of its lendings");
        return checked((uint)(((Version + 1) * LendingsPerWriteMax) + _lendings++));
    }

    public void ReadClosedBefore(int period) => ClosedBefore = period;

    /// <summary>To be called before the rows of a closed period are read.</summary>
    public void AskClosed(PeriodId period) => (_askedClosed ??= new(1)).Add(period);

    public void Read(CardCounter counter) => Replace(_counters, _counters.FindIndex(known => known.Card == counter.Card), counter);

    /// <summary>Adds what was read. Several reads of one household may overlap; they were made at the same version.</summary>
    public void Read(Balance balance)
    {
        balance.AssertSound();
        Replace(_balances, _balances.FindIndex(known => known.Quota == balance.Quota && known.Period == balance.Period), balance);
    }

    public void Read(LentAllowance allowance)
    {
        allowance.AssertSound();
        _allowances ??= new(1);
        Replace(_allowances, _allowances.FindIndex(known => known.Card == allowance.Card && known.Quota == allowance.Quota && known.Period == allowance.Period), allowance);
    }

    public void Read(Occupant occupant)
    {
        _occupants ??= new(2);
        var place = PlaceOf(occupant.Card, occupant.Atc.Value);
        // A read for a reversal brings the movements, others do not: the richer one stays.
        if (place < 0 || _occupants[place].Movements.Count == 0)
            Replace(_occupants, place, occupant);
    }

    /// <summary>Adds to an occupant that was read what it handed over.</summary>
    public void Read(CardNumber card, Atc atc, GoodsHandedOver goods)
    {
        var place = PlaceOf(card, atc.Value);
        _occupants![place] = _occupants[place] with { Goods = goods };
    }

    public void ReadCredit(Guid creditId) => (_credits ??= new(1)).Add(creditId);

    public void Occupy(Occupant occupant, DisbursementEntry entry)
    {
        Invariant.Holds(PlaceOf(occupant.Card, occupant.Atc.Value) < 0, "at most one disbursement for a (card, ATC)");
        (_occupants ??= new(2)).Add(occupant);
        if (!MayOccupy(occupant.Card, occupant.Atc))
        {
            if (CounterOf(occupant.Card) is { } passed)
                (_passed ??= new(1)).Add(passed);
            Read(new CardCounter(occupant.Card, occupant.Atc, occupant.ChainAfter));
        }
        Changes.Disbursements.Add(entry);
    }

    /// <summary>Closes what is over for good, so that a household's row does not grow with the years. To be called before a write.</summary>
    public void Close(DateOnly today)
    {
        var firstOpen = PeriodId.MonthOf(today.AddMonths(-OpenMonths)).Value;
        var overBalances = _balances.FindAll(balance => !balance.IsEmpty && !IsClosed(balance.Period) && balance.Period.Value < firstOpen);
        var overAllowances = _allowances?.FindAll(allowance => !allowance.IsEmpty && !IsClosed(allowance.Period) && allowance.Period.Value < firstOpen) ?? [];
        if (overBalances.Count + overAllowances.Count == 0)
            return;
        overBalances.ForEach(balance => Changed(balance));
        overAllowances.ForEach(allowance => Changed(allowance));
        ClosedBefore = firstOpen;
    }

    public void Reverse(Occupant occupant, ReversalEntry entry)
    {
        Invariant.Holds(occupant is { Status: OccupantStatus.Approved, IsReversed: false }, "only an approved disbursement is undone, and once");
        _occupants![PlaceOf(occupant.Card, occupant.Atc.Value)] = occupant with { IsReversed = true };
        Changes.Reversals.Add(entry);
    }

    public void Refund(Occupant occupant, RefundEntry entry, IReadOnlyList<Movement> movements, IEnumerable<RefundLine> lines)
    {
        Invariant.Holds(occupant is { Status: OccupantStatus.Approved, IsReversed: false }, "only an approved disbursement is refunded");
        var goods = occupant.Goods!;
        _occupants![PlaceOf(occupant.Card, occupant.Atc.Value)] = occupant with { Goods = goods with { Refunds = [.. goods.Refunds, new RecordedRefund(entry, movements)] } };
        Changes.Refunds.Add(entry);
        Changes.RefundLines.AddRange(lines);
    }

    public void Credit(CreditEntry entry)
    {
        Invariant.Holds(!KnowsCredit(entry.CreditId), "a credit is recorded once");
        ReadCredit(entry.CreditId);
        Changes.Credits.Add(entry);
    }

    /// <summary>
    /// The only way a balance changes: by a movement, so that balances are the replay of movements. The amount's side effects
    /// on limits and days are the caller's to pass, for they are decisions, not postings.
    /// </summary>
    public void Apply(Movement movement)
    {
        Invariant.Holds(movement.Amount > 0 && movement.Debit != movement.Credit, "a movement moves something between two accounts");
        Changes.Movements.Add(movement);
        var amount = movement.Amount;
        switch (movement.Debit.Kind, movement.Credit.Kind)
        {
            case (AccountKind.Household, AccountKind.Merchant):
                Changed(BalanceOf(movement.Quota, movement.Period)).Consumed += amount;
                break;
            case (AccountKind.Household, AccountKind.Card):
                Changed(BalanceOf(movement.Quota, movement.Period)).Lent += amount;
                Changed(AllowanceOf(CardOf(movement.Credit), movement.Quota, movement.Period)).Granted += amount;
                break;
            case (AccountKind.Card, AccountKind.Merchant):
                var presented = Changed(BalanceOf(movement.Quota, movement.Period));
                presented.Lent -= amount;
                presented.Consumed += amount;
                Changed(AllowanceOf(CardOf(movement.Debit), movement.Quota, movement.Period)).Settled += amount;
                break;
            case (AccountKind.Card, AccountKind.Household):
                Changed(BalanceOf(movement.Quota, movement.Period)).Lent -= amount;
                Changed(AllowanceOf(CardOf(movement.Debit), movement.Quota, movement.Period)).Settled += amount;
                break;
            case (AccountKind.Household, AccountKind.Fund):
                // Used up too: it was turned into something else.
                Changed(BalanceOf(movement.Quota, movement.Period)).Consumed += amount;
                break;
            case (AccountKind.Merchant, AccountKind.Household):
                Changed(BalanceOf(movement.Quota, movement.Period)).Consumed -= amount;
                break;
            case (AccountKind.Fund, AccountKind.Household):
                var credited = Changed(BalanceOf(movement.Quota, movement.Period));
                credited.Credited += amount;
                credited.Limit = Math.Max(credited.Limit, credited.Credited);
                break;
            case (AccountKind.Fund, AccountKind.Merchant) or (AccountKind.Merchant, AccountKind.Fund):
                // Money between fund and merchant: both balances are derived from the movements.
                break;
            default:
                throw new LedgerInvariantException($"no movement goes from {movement.Debit.Kind} to {movement.Credit.Kind}");
        }
    }

    /// <summary>To be called when a decision is complete: nothing unsound may follow it, let alone be written.</summary>
    public void AssertSound()
    {
        foreach (var balance in Changes.Balances)
            balance.AssertSound();
        foreach (var allowance in Changes.Allowances)
            allowance.AssertSound();
    }

    /// <summary>A closed period that nobody asked for looks empty and is not: what is written for it would take the place of what is there.</summary>
    private void AssertKnown(PeriodId period) =>
        Invariant.Holds(!IsClosed(period) || _askedClosed?.Contains(period) == true, $"closed period {period} is read before it is decided on");

    private Balance Changed(Balance balance)
    {
        if (!Changes.Balances.Contains(balance))
            Changes.Balances.Add(balance);
        return balance;
    }

    private LentAllowance Changed(LentAllowance allowance)
    {
        if (!Changes.Allowances.Contains(allowance))
            Changes.Allowances.Add(allowance);
        return allowance;
    }

    private int PlaceOf(CardNumber card, int atc)
    {
        for (var place = 0; place < _occupants?.Count; place++)
        {
            if (_occupants[place].Card == card && _occupants[place].Atc.Value == atc)
                return place;
        }
        return -1;
    }

    private static void Replace<T>(List<T> list, int place, T item)
    {
        if (place < 0)
            list.Add(item);
        else
            list[place] = item;
    }

    private static CardNumber CardOf(Account account) => CardNumber.TryFromValue((ulong)account.Owner, out var card)
        ? card
        : throw new LedgerInvariantException("a card account is owned by a card");
}
