namespace SmartCard.Decisions.Tests;

/// <summary>
/// What every decision goes through: balances change by movements alone, each kind of movement in its own way; what is impossible throws before it can be written. What was
/// read at one version may be read twice.
/// </summary>
public sealed class The_page_of_a_household
{
    private static readonly PeriodId s_month = new(20261100);
    private static readonly Account s_household = Account.Household(Household.Id);
    private static readonly Account s_merchant = Account.Merchant(Country.Cooperative.Merchant);
    private static readonly Account s_fund = Account.Fund(ProgrammeCode.Bread);

    private readonly Household _book = new();
    private readonly TestCard _card;
    private readonly Account _plastic;

    public The_page_of_a_household()
    {
        _card = _book.NewCard();
        _plastic = Account.Card(_card.Number);
    }

    [Fact]
    public void Changes_its_balances_as_each_kind_of_movement_says()
    {
        var state = _book.State;
        Follows(s_household, s_merchant, 50, (50, 0, 0), (0, 0));
        Follows(s_household, _plastic, 20, (50, 20, 0), (20, 0));
        Follows(_plastic, s_merchant, 5, (55, 15, 0), (20, 5));
        Follows(_plastic, s_household, 4, (55, 11, 0), (20, 9));
        Follows(s_household, s_fund, 6, (61, 11, 0), (20, 9));
        Follows(s_merchant, s_household, 7, (54, 11, 0), (20, 9));
        Follows(s_fund, s_household, 80, (54, 11, 80), (20, 9));
        Follows(s_fund, s_merchant, 1_000, (54, 11, 80), (20, 9));
        Follows(s_merchant, s_fund, 1_000, (54, 11, 80), (20, 9));

        Assert.Equal(9, state.Changes.Movements.Count);
        Assert.Single(state.Changes.Balances);
        Assert.Single(state.Changes.Allowances);
        // A credit is a limit of its own.
        Assert.Equal(80, state.BalanceOf(Country.Bread, s_month).Limit);

        void Follows(Account from, Account to, long amount, (long, long, long) balance, (long, long) allowance)
        {
            state.Apply(Movement(from, to, amount));
            var (now, lent) = (state.BalanceOf(Country.Bread, s_month), state.AllowanceOf(_card.Number, Country.Bread, s_month));
            Assert.Equal(balance, (now.Consumed, now.Lent, now.Credited));
            Assert.Equal(allowance, (lent.Granted, lent.Settled));
        }
    }

    [Fact]
    public void Writes_no_balance_for_money_between_fund_and_merchant()
    {
        _book.State.Apply(Movement(s_fund, s_merchant, 1));

        Assert.Empty(_book.Changes.Balances);
        Assert.True(_book.Changes.TouchLedger);
    }

    [Fact]
    public void Refuses_movements_that_move_nothing_or_go_nowhere()
    {
        Broken(() => _book.State.Apply(Movement(s_household, s_merchant, 0)));
        Broken(() => _book.State.Apply(Movement(s_household, s_merchant, -1)));
        Broken(() => _book.State.Apply(Movement(s_household, s_household, 1)));
        Broken(() => _book.State.Apply(Movement(s_merchant, _plastic, 1)));
        Broken(() => _book.State.Apply(Movement(s_fund, _plastic, 1)));
        Broken(() => _book.State.Apply(Movement(s_household, new Account(AccountKind.Card, 12), 1)));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 0, true)]
    [InlineData(7, 3, 1, 1, 10, true)]
    [InlineData(7, 3, 0, 0, 9, false)]
    [InlineData(-1, 3, 0, 0, 10, false)]
    [InlineData(3, -1, 0, 0, 10, false)]
    [InlineData(3, 1, -1, 0, 10, false)]
    [InlineData(3, 1, 0, -1, 10, false)]
    public void Has_balances_within_their_limit_and_none_below_zero(long consumed, long lent, long credited, long dayConsumed, long limit, bool isSound)
    {
        var balance = new Balance(Country.Bread, s_month) { Consumed = consumed, Lent = lent, Credited = credited, DayConsumed = dayConsumed, Limit = limit };

        if (isSound)
        {
            _book.State.Read(balance);
            Assert.Same(balance, _book.State.BalanceOf(Country.Bread, s_month));
        }
        else
        {
            Broken(() => _book.State.Read(balance));
        }
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, false)]
    [InlineData(5, -1, false)]
    public void Has_allowances_settled_within_what_was_granted(long granted, long settled, bool isSound)
    {
        var allowance = new LentAllowance(_card.Number, Country.Bread, s_month) { Granted = granted, Settled = settled };

        if (isSound)
        {
            _book.State.Read(allowance);
            Assert.Same(allowance, _book.State.AllowanceOf(_card.Number, Country.Bread, s_month));
        }
        else
        {
            Broken(() => _book.State.Read(allowance));
        }
    }

    [Fact]
    public void Is_not_written_with_a_balance_or_an_allowance_that_is_unsound()
    {
        _book.State.Apply(Movement(s_household, s_merchant, 1));
        Broken(_book.State.AssertSound);

        var other = new HouseholdState(Household.Id, version: 0);
        other.Read(new Balance(Country.Bread, s_month) { Limit = 10, Lent = 3 });
        other.Apply(Movement(_plastic, s_household, 3));
        Broken(other.AssertSound);
    }

    [Fact]
    public void Tells_quotas_periods_and_cards_apart_and_takes_the_latest_reading()
    {
        var state = _book.State;
        var (december, other) = (new PeriodId(20261200), _book.NewCard());
        state.Read(new Balance(Country.Bread, s_month) { Consumed = 1, Limit = 9 });
        state.Read(new Balance(Country.Bread, december) { Consumed = 2, Limit = 9 });
        state.Read(new Balance(Country.Points, s_month) { Consumed = 3, Limit = 9 });
        state.Read(new Balance(Country.Bread, s_month) { Consumed = 4, Limit = 9 });
        state.Read(new LentAllowance(_card.Number, Country.Bread, s_month) { Granted = 1 });
        state.Read(new LentAllowance(_card.Number, Country.Bread, december) { Granted = 2 });
        state.Read(new LentAllowance(_card.Number, Country.Points, s_month) { Granted = 3 });
        state.Read(new LentAllowance(other.Number, Country.Bread, s_month) { Granted = 4 });
        state.Read(new LentAllowance(_card.Number, Country.Bread, s_month) { Granted = 5 });

        Assert.Equal([4, 2, 3], [state.BalanceOf(Country.Bread, s_month).Consumed, state.BalanceOf(Country.Bread, december).Consumed, state.BalanceOf(Country.Points, s_month).Consumed]);
        Assert.Equal(
            [5, 2, 3, 4],
            [
                state.AllowanceOf(_card.Number, Country.Bread, s_month).Granted, state.AllowanceOf(_card.Number, Country.Bread, december).Granted,
                state.AllowanceOf(_card.Number, Country.Points, s_month).Granted, state.AllowanceOf(other.Number, Country.Bread, s_month).Granted,
            ]);
        Assert.False(state.Changes.TouchLedger);
        Assert.Null(state.OccupantAt(_card.Number, 1));
        Assert.False(state.KnowsCredit(default));
    }

    [Fact]
    public void Keeps_the_reading_that_knows_more_of_a_draw()
    {
        _book.Decide(_book.Tap(_card, Country.Loaves(1))).Approved();
        var rich = _book.State.OccupantAt(_card.Number, 1)!;
        var poor = rich with { Movements = [], Goods = null };
        var state = new HouseholdState(Household.Id, version: 1);

        state.Read(poor);
        Assert.Empty(state.OccupantAt(_card.Number, 1)!.Movements);
        state.Read(rich with { Goods = null });
        state.Read(poor);
        Assert.Equal(rich.Movements, state.OccupantAt(_card.Number, 1)!.Movements);
        state.Read(_card.Number, rich.Atc, rich.Goods!);
        Assert.Same(rich.Goods, state.OccupantAt(_card.Number, 1)!.Goods);
        Assert.Null(state.OccupantAt(_card.Number, 2));
        Assert.Null(state.OccupantAt(_book.NewCard().Number, 1));
    }

    [Fact]
    public void Has_one_disbursement_for_a_counter_one_reversal_for_it_and_one_credit_for_an_id()
    {
        var (approved, declined) = (_book.Tap(_card, Country.Loaves(1)), _book.Tap(_card, Country.Loaves(16)));
        _book.Decide(approved).Approved();
        _book.Decide(declined).Declined(DeclineReason.OutsideDrawWindow);
        _book.CreditPoints(1, 10);
        var (state, entry) = (_book.State, _book.Changes.Disbursements[0]);
        var reversal = new ReversalEntry(1, _card.Number, approved.Record.Atc, 1_000, ReversalReason.NoAnswer, Country.Cooperative.Terminal, Household.Sunday, _book.Now);
        _book.Refund(approved, 1, Country.Loaves(1)).Recorded();
        var refund = _book.Changes.Refunds[0];
        var bad = state.OccupantAt(_card.Number, 2)!;

        Broken(() => state.Occupy(entry.Occupant, entry));
        Broken(() => state.Credit(_book.Changes.Credits[0]));
        Broken(() => state.Reverse(bad, reversal));
        Broken(() => state.Refund(bad, refund, [], []));
        var drawn = state.OccupantAt(_card.Number, 1)!;
        Broken(() => state.Reverse(drawn with { IsReversed = true }, reversal));
        Broken(() => state.Refund(drawn with { IsReversed = true }, refund, [], []));
    }

    [Fact]
    public void Undoes_no_draw_whose_movements_were_not_read()
    {
        var draw = _book.Tap(_card, Country.Loaves(1));
        _book.Decide(draw).Approved();
        var state = new HouseholdState(Household.Id, version: 1);
        state.Read(_book.State.OccupantAt(_card.Number, 1)! with { Movements = [] });

        Broken(() => ReversalDecision.Decide(new Advice(draw.Signed, Country.Cooperative, ReversalReason.NoAnswer, draw.Rules, _book.Now), state, Household.Sunday, _book));
    }

    [Fact]
    public void Touches_the_ledger_with_anything_but_a_case_alone()
    {
        var clone = _card.Copied();
        _book.Decide(_book.Tap(_card, Country.Loaves(1)));
        _book.TurnPage();

        _book.Decide(_book.Tap(clone, Country.Loaves(2))).Declined(DeclineReason.AtcReplayed);

        Assert.Single(_book.Changes.Cases);
        Assert.False(_book.Changes.TouchLedger);
        Assert.Equal((Household.Id, 1L), (_book.State.Household, _book.State.Version));
    }

    [Fact]
    public void Is_not_decided_on_for_a_closed_period_that_nobody_read()
    {
        var state = new HouseholdState(Household.Id, version: 3);
        state.ReadClosedBefore(20260900);
        var (closed, open) = (new PeriodId(20260800), new PeriodId(20260900));

        Assert.Throws<LedgerInvariantException>(() => state.BalanceOf(Country.Bread, closed));
        Assert.Throws<LedgerInvariantException>(() => state.AllowanceOf(new Household().NewCard().Number, Country.Bread, closed));
        Assert.True(state.BalanceOf(Country.Bread, open).IsEmpty);
        state.AskClosed(closed);
        Assert.True(state.BalanceOf(Country.Bread, closed).IsEmpty);
    }

    private static Movement Movement(Account from, Account to, long amount) => new(1, 0, null, from, to, Country.Bread, s_month, QuantityUnit.Loaf, amount);

    private static void Broken(Action act) => Assert.Throws<LedgerInvariantException>(act);
}
