using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What one household has drawn of one quota in one period; changed only by <see cref="HouseholdState.Apply"/>.</summary>
internal sealed class Balance(QuotaCode quota, PeriodId period)
{
    public QuotaCode Quota { get; } = quota;
    public PeriodId Period { get; } = period;
    public long Consumed { get; set; }

    /// <summary>Reserved for the household's cards: lent and neither presented nor given back.</summary>
    public long Lent { get; set; }
    public long Credited { get; set; }

    /// <summary>The limit that held when consumed + lent last grew.</summary>
    public long Limit { get; set; }

    /// <summary>The latest business date with a draw, yyyymmdd; 0 before the first.</summary>
    public int Day { get; set; }
    public long DayConsumed { get; set; }

    public void AssertSound() => Invariant.Holds(
        Consumed >= 0 && Lent >= 0 && Credited >= 0 && DayConsumed >= 0 && Consumed + Lent <= Limit,
        $"0 <= consumed + lent <= limit for quota {Quota} in {Period}: {Consumed} + {Lent} against {Limit}, {DayConsumed} on {Day}");
}

/// <summary>What was lent to one card of one quota in one period; totals of the period, so they only grow.</summary>
internal sealed class LentAllowance(CardNumber card, QuotaCode quota, PeriodId period)
{
    public CardNumber Card { get; } = card;
    public QuotaCode Quota { get; } = quota;
    public PeriodId Period { get; } = period;
    public long Granted { get; set; }

    /// <summary>Of <see cref="Granted"/>: presented by terminals or given back.</summary>
    public long Settled { get; set; }

    /// <summary>Counter of the script that carries <see cref="Granted"/> to the card.</summary>
    public uint ScriptCounter { get; set; }
    public long Outstanding => Granted - Settled;

    public void AssertSound() => Invariant.Holds(Settled >= 0 && Settled <= Granted, $"0 <= settled <= granted for quota {Quota} in {Period}: {Settled} of {Granted}");
}

internal enum OccupantStatus : short
{
    Approved = 1,
    Declined = 2,

    /// <summary>The reversal came before the draw: none will be approved.</summary>
    Tombstone = 3,
}

/// <summary>What stands at one (card, ATC), for ever.</summary>
internal sealed record Occupant(
    CardNumber Card, Atc Atc, OccupantStatus Status, long Entry, ReadOnlyMemory<byte> ContentHash, RecordChain ChainBefore, RecordChain ChainAfter, ReadOnlyMemory<byte> Outcome)
{
    /// <summary>True where a reversal undid it; the occupant itself never changes.</summary>
    public bool IsReversed { get; init; }

    /// <summary>Known where a reversal or a refund may need them.</summary>
    public IReadOnlyList<Movement> Movements { get; init; } = [];

    /// <summary>Known where the movements are.</summary>
    public GoodsHandedOver? Goods { get; init; }
}

/// <summary>What a draw handed over, and what came back of it.</summary>
/// <param name="Basket">Packed (<see cref="PackedBasket"/>).</param>
internal sealed record GoodsHandedOver(MerchantId Merchant, ReadOnlyMemory<byte> Basket, IReadOnlyList<RecordedRefund> Refunds);

internal sealed record RecordedRefund(RefundEntry Entry, IReadOnlyList<Movement> Movements);

/// <summary>
/// What the ledger knows of one household, as far as the requests of one batch need it: read at one version, then changed by the
/// decisions of the batch, in order. What changed is written only if the household is still at that version.
/// </summary>
internal sealed class HouseholdState(HouseholdId household, long version)
{
    private readonly Dictionary<(QuotaCode, PeriodId), Balance> _balances = [];
    private readonly Dictionary<(CardNumber, Atc), Occupant> _occupants = [];
    private readonly Dictionary<(CardNumber, QuotaCode, PeriodId), LentAllowance> _allowances = [];
    private readonly Dictionary<CardNumber, uint> _scriptCounters = [];
    private readonly HashSet<Guid> _credits = [];

    public HouseholdId Household { get; } = household;

    /// <summary>0 where the ledger has never seen the household.</summary>
    public long Version { get; } = version;

    public HouseholdChanges Changes { get; } = new();

    public Balance BalanceOf(QuotaCode quota, PeriodId period)
    {
        if (!_balances.TryGetValue((quota, period), out var balance))
            _balances.Add((quota, period), balance = new Balance(quota, period));
        return balance;
    }

    public LentAllowance AllowanceOf(CardNumber card, QuotaCode quota, PeriodId period)
    {
        if (!_allowances.TryGetValue((card, quota, period), out var allowance))
            _allowances.Add((card, quota, period), allowance = new LentAllowance(card, quota, period));
        return allowance;
    }

    public Occupant? OccupantAt(CardNumber card, int atc) =>
        atc is > 0 and <= Atc.Last ? _occupants.GetValueOrDefault((card, new Atc((ushort)atc))) : null;

    public bool KnowsCredit(Guid creditId) => _credits.Contains(creditId);

    public uint NextScriptCounter(CardNumber card) => _scriptCounters[card] = checked(_scriptCounters.GetValueOrDefault(card) + 1);

    /// <summary>Adds what was read. Several reads of one household may overlap; they were made at the same version.</summary>
    public void Read(Balance balance)
    {
        balance.AssertSound();
        _balances[(balance.Quota, balance.Period)] = balance;
    }

    public void Read(LentAllowance allowance)
    {
        allowance.AssertSound();
        _allowances[(allowance.Card, allowance.Quota, allowance.Period)] = allowance;
    }

    public void Read(Occupant occupant)
    {
        // A read for a reversal brings the movements, others do not: the richer one stays.
        if (!_occupants.TryGetValue((occupant.Card, occupant.Atc), out var known) || known.Movements.Count == 0)
            _occupants[(occupant.Card, occupant.Atc)] = occupant;
    }

    /// <summary>Adds to an occupant that was read what it handed over.</summary>
    public void Read(CardNumber card, Atc atc, GoodsHandedOver goods) => _occupants[(card, atc)] = _occupants[(card, atc)] with { Goods = goods };

    public void ReadScriptCounter(CardNumber card, uint counter) => _scriptCounters[card] = counter;

    public void ReadCredit(Guid creditId) => _credits.Add(creditId);

    public void Occupy(Occupant occupant, DisbursementEntry entry)
    {
        Invariant.Holds(_occupants.TryAdd((occupant.Card, occupant.Atc), occupant), "at most one disbursement for a (card, ATC)");
        Changes.Disbursements.Add(entry);
    }

    public void Reverse(Occupant occupant, ReversalEntry entry)
    {
        Invariant.Holds(occupant is { Status: OccupantStatus.Approved, IsReversed: false }, "only an approved disbursement is undone, and once");
        _occupants[(occupant.Card, occupant.Atc)] = occupant with { IsReversed = true };
        Changes.Reversals.Add(entry);
    }

    public void Refund(Occupant occupant, RefundEntry entry, IReadOnlyList<Movement> movements, IEnumerable<RefundLine> lines)
    {
        Invariant.Holds(occupant is { Status: OccupantStatus.Approved, IsReversed: false }, "only an approved disbursement is refunded");
        var goods = occupant.Goods!;
        _occupants[(occupant.Card, occupant.Atc)] = occupant with { Goods = goods with { Refunds = [.. goods.Refunds, new RecordedRefund(entry, movements)] } };
        Changes.Refunds.Add(entry);
        Changes.RefundLines.AddRange(lines);
    }

    public void Credit(CreditEntry entry)
    {
        Invariant.Holds(_credits.Add(entry.CreditId), "a credit is recorded once");
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

    private Balance Changed(Balance balance)
    {
        Changes.Balances.Add(balance);
        return balance;
    }

    private LentAllowance Changed(LentAllowance allowance)
    {
        Changes.Allowances.Add(allowance);
        return allowance;
    }

    private static CardNumber CardOf(Account account) => CardNumber.TryFromValue((ulong)account.Owner, out var card)
        ? card
        : throw new LedgerInvariantException("a card account is owned by a card");
}
