using SmartCard.Backend.Registry.Contracts;
using SmartCard.Testing;

namespace SmartCard.Decisions.Tests.Support;

/// <summary>
/// A household and its page of the ledger, in memory. Its requests are decided one after the other on one state, as those of one batch are; <see cref="TurnPage"/>
/// ends the batch: what was decided is on disk, and the next reads it anew. It is 10:00 in Cairo (UTC+2) on 22 November 2026, the third of the month being open that lets all bread through.
/// </summary>
internal sealed class Household : IEntryIds
{
    public static readonly HouseholdId Id = new(77);
    public static readonly DateOnly Sunday = new(2026, 11, 22);

    private static readonly TimeSpan s_winter = TimeSpan.FromHours(2);

    private readonly FakeClock _time = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, s_winter));
    private readonly Dictionary<(CardNumber Card, int Atc), Occupant> _occupants = [];
    private readonly HashSet<Guid> _credits = [];
    private readonly List<Movement> _movements = [];
    private readonly List<FraudCase> _cases = [];
    private HouseholdState _state = new(Id, version: 0);
    private IReadOnlyList<CardCounter> _counters = [];
    private long _entries = 1_000;
    private ulong _cards = 10;

    public Household() => Clock = new RecordClock(new BusinessCalendar(_time, Country.Only.Profile.IanaZone));

    public int Members { get; set; } = 3;

    /// <summary>What it is admitted to; credited points need no admission.</summary>
    public IReadOnlyList<ushort> Programmes { get; set; } = [1, 2];

    public RecordClock Clock { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    public DateOnly Today => Clock.Today;

    public HouseholdState State => _state;

    /// <summary>Of this page.</summary>
    public HouseholdChanges Changes => _state.Changes;

    /// <summary>Of all pages.</summary>
    public IReadOnlyList<Movement> Movements => [.. _movements, .. Changes.Movements];

    public IReadOnlyList<FraudCase> Cases => [.. _cases, .. Changes.Cases];

    /// <summary>What stands at the draw's place, on this page or before it.</summary>
    public Occupant StandingAt(Draw draw) =>
        _state.OccupantAt(draw.Record.Card, draw.Record.Atc.Value) ?? _occupants[(draw.Record.Card, draw.Record.Atc.Value)];

    public long Next() => _entries++;

    public TestCard NewCard() => new(CardNumber.FromPayload(_cards++), Id);

    public void GoTo(DateOnly date) => GoTo(date, new TimeOnly(10, 0));

    /// <summary>By the clocks of winter, forwards or back.</summary>
    public void GoTo(DateOnly date, TimeOnly time) => _time.Advance(new DateTimeOffset(date.ToDateTime(time), s_winter) - Now);

    /// <summary>What the path hands to a decision for an honest tap now.</summary>
    public Draw Tap(TestCard card, params BasketLine[] lines) => Tap(card, CryptogramKind.Online, lines);

    public Draw TapOffline(TestCard card, params BasketLine[] lines) => Tap(card, CryptogramKind.Offline, lines);

    public Draw Tap(TestCard card, CryptogramKind kind, params BasketLine[] lines) => Present(card, card.Draw(DrawingOf(kind, lines)), lines);

    /// <summary>A record that was signed before, as it comes in now.</summary>
    public Draw Present(TestCard card, SignedRecord signed, params BasketLine[] lines) => new(
        signed, lines, Country.Cooperative, card.Standing, new HouseholdShape(Id, Members, Programmes, Governorate: 1), Country.Only.RulesOn(signed.Record.Date), Country.Only.Profile, Now, BlockedAt: null);

    public Drawing DrawingOf(CryptogramKind kind, params BasketLine[] lines) => new()
    {
        Kind = kind,
        Lines = lines,
        Draws =
        [
            .. lines.GroupBy(line => line.Programme).OrderBy(own => own.Key).Select(own => own.Key == ProgrammeCode.Bread
                ? new ProgrammeDraw(own.Key, (uint)own.Sum(line => line.Quantity), QuantityUnit.Loaf, 0)
                : new ProgrammeDraw(own.Key, (uint)own.Sum(line => line.Quantity * line.UnitPriceMinor), QuantityUnit.MinorCurrency, 0)),
        ],
        AmountMinor = lines.Where(line => line.Programme == ProgrammeCode.Bread).Sum(line => (long)line.Quantity * line.UnitPriceMinor),
        Date = DateOnly.FromDateTime(Now.ToOffset(s_winter).DateTime),
        Time = TimeOnly.FromDateTime(Now.ToOffset(s_winter).DateTime),
        Terminal = Country.Cooperative.Terminal,
        BasketHash = Basket.Hash(lines),
    };

    public DrawDecision Decide(Draw draw) => Sound(() => DrawDecision.Decide(draw, DrawAssessment.Of(draw, Clock), AskedFor(draw.Signed), Today, this));

    public ReversalResult Reverse(Draw draw) => Reverse(draw.Signed);

    public ReversalResult Reverse(SignedRecord signed) => Sound(() => ReversalDecision.Decide(
        new Advice(signed, Country.Cooperative, ReversalReason.NoAnswer, Country.Only.RulesOn(signed.Record.Date), Now), AskedFor(signed), Today, this));

    public Refund Refund(Draw draw, int id, params BasketLine[] lines) => Refund(GoodsOf(draw, id, lines));

    public Refund Refund(GoodsBack goods) => Sound(() => RefundDecision.Decide(goods, AskedFor(goods.Signed), Today, this));

    public GoodsBack GoodsOf(Draw draw, int id, params BasketLine[] lines) => new(draw.Signed, draw.Terminal, new Guid(id, 0, 0, new byte[8]), lines, draw.Rules, Now);

    public bool CreditPoints(int id, long amount) => Sound(() => CreditDecision.Decide(
        new Credit(new Guid(id, 0, 0, new byte[8]), Id, ProgrammeCode.BreadPoints, Country.Points, QuantityUnit.MinorCurrency, PeriodId.MonthOf(Today), amount, Now), _state, this));

    public void RollOver(Rollover rollover) => Sound(() =>
    {
        RolloverDecision.Decide(rollover, Members, _state, this, Now);
        return true;
    });

    public void Expire(TestCard card, QuotaCode quota, PeriodId period, QuantityUnit unit) => Sound(() =>
    {
        AllowanceExpiry.Decide(new UnspentAllowance(Id, card.Number, period, quota), unit, _state, this, Now);
        return true;
    });

    public (long Consumed, long Lent) Of(QuotaCode quota) => Of(quota, PeriodId.MonthOf(Today));

    public (long Consumed, long Lent) Of(QuotaCode quota, PeriodId period)
    {
        var balance = _state.BalanceOf(quota, period);
        return (balance.Consumed, balance.Lent);
    }

    public LentAllowance AllowanceOf(TestCard card, QuotaCode quota) => _state.AllowanceOf(card.Number, quota, PeriodId.MonthOf(Today));

    /// <summary>The batch is on disk; what comes next is decided on what is read from there: the household's row, and of single records those that <see cref="AskedFor"/> asks for.</summary>
    public void TurnPage()
    {
        foreach (var key in _occupants.Keys.Concat(Changes.Disbursements.Select(entry => (entry.Occupant.Card, (int)entry.Occupant.Atc.Value))).ToArray())
            _occupants[key] = _state.OccupantAt(key.Item1, key.Item2) ?? _occupants[key];
        _credits.UnionWith(Changes.Credits.Select(credit => credit.CreditId));
        _movements.AddRange(Changes.Movements);
        _cases.AddRange(Changes.Cases);
        var next = new HouseholdState(Id, _state.Version + 1);
        HouseholdDocument.Decode(HouseholdDocument.Encode(_state), next);
        foreach (var credit in _credits)
            next.ReadCredit(credit);
        (_state, _counters) = (next, [.. next.Counters]);
    }

    /// <summary>The state with what the path reads for one record besides: its place and the two beside it, where the row as it was read says that one may be taken.</summary>
    private HouseholdState AskedFor(SignedRecord signed)
    {
        var (card, atc) = (signed.Record.Card, (int)signed.Record.Atc.Value);
        if (!_counters.Any(counter => counter.Card == card && counter.Atc.Value >= atc))
            return _state;
        for (var place = atc - 1; place <= atc + 1; place++)
        {
            if (_state.OccupantAt(card, place) is null && _occupants.TryGetValue((card, place), out var occupant))
                _state.Read(occupant);
        }
        return _state;
    }

    /// <summary>Nothing unsound may follow a decision: what the path asserts before it writes.</summary>
    private T Sound<T>(Func<T> decide)
    {
        var decided = decide();
        _state.AssertSound();
        return decided;
    }
}

internal static class Decided
{
    public static DrawOutcome.Approved Approved(this DrawDecision decision) => Assert.IsType<DrawOutcome.Approved>(decision.Outcome);

    public static DrawOutcome.Declined Declined(this DrawDecision decision, DeclineReason reason)
    {
        var declined = Assert.IsType<DrawOutcome.Declined>(decision.Outcome);
        Assert.Equal(reason, declined.Reason);
        return declined;
    }

    public static Refund.Recorded Recorded(this Refund refund) => Assert.IsType<Refund.Recorded>(refund);

    public static void Refused(this Refund refund, RefundRefusal reason) => Assert.Equal(reason, Assert.IsType<Refund.Refused>(refund).Reason);
}
