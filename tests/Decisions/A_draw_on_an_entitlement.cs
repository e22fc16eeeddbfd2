namespace SmartCard.Decisions.Tests;

/// <summary>
/// Approved: what the citizen is told, what moves, what is kept. Declined for the first of day, third of the month, month, cap: at the boundary and one beyond it; the whole
/// basket or nothing of it. Days before the latest, households that shrink, credited points.
/// </summary>
public sealed class A_draw_on_an_entitlement
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_draw_on_an_entitlement() => _card = _household.NewCard();

    [Fact]
    public void Tells_what_it_came_to_and_what_is_left()
    {
        var draw = _household.Tap(_card, Country.Loaves(10), Country.Oil(2));

        var approved = _household.Decide(draw).Approved();

        Assert.Equal((draw.Record.TransactionId, 1_000, Household.Sunday, (10 * 164) + (2 * 340), 200),
            (approved.Transaction, approved.DisbursementId, approved.BusinessDate, approved.SubsidyMinor, approved.CitizenPaysMinor));
        var month = new PeriodId(20261100);
        Assert.Equal(
            [
                new QuotaBalance(Country.Bread, ProgrammeCode.Bread, QuantityUnit.Loaf, month, Limit: 90, Consumed: 10, Lent: 6, AvailableNow: 5),
                new QuotaBalance(Country.Groceries, ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, month, Limit: 3_000, Consumed: 600, Lent: 600, AvailableNow: 1_800),
                new QuotaBalance(Country.OilCap, ProgrammeCode.Groceries, QuantityUnit.Piece, month, Limit: 6, Consumed: 2, Lent: 0, AvailableNow: 4),
            ],
            approved.Balances);
    }

    [Fact]
    public void Moves_goods_from_the_household_and_money_from_the_fund_to_the_merchant()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(10), Country.Oil(2)));

        var (household, merchant, month) = (Account.Household(Household.Id), Account.Merchant(Country.Cooperative.Merchant), new PeriodId(20261100));
        Assert.Equal(
            [
                new Movement(1_000, 0, null, household, merchant, Country.Bread, month, QuantityUnit.Loaf, 10),
                new Movement(1_000, 1, null, Account.Fund(ProgrammeCode.Bread), merchant, Country.Bread, month, QuantityUnit.MinorCurrency, 1_640),
                new Movement(1_000, 2, null, household, merchant, Country.Groceries, month, QuantityUnit.MinorCurrency, 600),
                new Movement(1_000, 3, null, Account.Fund(ProgrammeCode.Groceries), merchant, Country.Groceries, month, QuantityUnit.MinorCurrency, 680),
                new Movement(1_000, 4, null, household, merchant, Country.OilCap, month, QuantityUnit.Piece, 2),
            ],
            _household.Changes.Movements.Where(movement => movement.Entry == 1_000));
    }

    [Fact]
    public void Keeps_the_record_with_its_basket_and_a_line_for_each_programme()
    {
        var draw = _household.Tap(_card, Country.Loaves(10), Country.Oil(2));

        var decision = _household.Decide(draw);

        var kept = Assert.Single(_household.Changes.Disbursements);
        Assert.Equal((OccupantStatus.Approved, null, 2_320, 200), (kept.Occupant.Status, kept.Reason, kept.SubsidyMinor, kept.CitizenPaysMinor));
        Assert.Equal((Country.Cooperative.Merchant, Country.Cooperative.Outlet, Household.Sunday, _household.Now), (kept.Merchant, kept.Outlet, kept.RecordedOn, kept.RecordedAt));
        Assert.Equal(draw.Lines, PackedBasket.Decode(kept.Basket.Span));
        Assert.Equal(decision.OutcomeBytes.ToArray(), kept.Occupant.Outcome.ToArray());
        Assert.Equal(
            [(ProgrammeCode.Bread, QuantityUnit.Loaf, 10L, 1_640L, 200L), (ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, 600L, 680L, 0L)],
            _household.Changes.Disbursements.SelectMany(entry => entry.Lines).Select(line => (line.Programme, line.Unit, line.Quantity, line.SubsidyMinor, line.CitizenPaysMinor)));
        Assert.True(_household.Changes.TouchLedger);
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public void Takes_no_more_on_a_day_than_the_day_lets_through(uint loaves, bool isApproved)
    {
        var decision = _household.Decide(_household.Tap(_card, Country.Loaves(loaves)));

        Assert.Equal(isApproved, decision.IsApproved);
        if (!isApproved)
            Assert.Equal((Country.Bread, 15L, false), Told(decision.Declined(DeclineReason.OutsideDrawWindow)));
    }

    [Fact]
    public void Finds_of_a_day_what_earlier_draws_left_and_a_new_day_in_the_morning()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(8))).Approved();

        Assert.Equal((Country.Bread, 7L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(8))).Declined(DeclineReason.OutsideDrawWindow)));
        _household.Decide(_household.Tap(_card, Country.Loaves(7))).Approved();
        Assert.Equal((Country.Bread, 0L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(1))).Declined(DeclineReason.OutsideDrawWindow)));
        _household.GoTo(Household.Sunday.AddDays(1));
        _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
    }

    [Fact]
    public void Finds_of_the_first_third_of_the_month_what_was_not_drawn_and_the_second_when_it_opens()
    {
        foreach (var (day, loaves) in new[] { (5, 15u), (6, 14u) })
        {
            _household.GoTo(new DateOnly(2026, 11, day));
            _household.Decide(_household.Tap(_card, Country.Loaves(loaves))).Approved();
        }

        // 30 of 90 are open. What is lent to the card counts in the month's limit, and closes no window.
        _household.GoTo(new DateOnly(2026, 11, 10));
        Assert.Equal(6, _household.Of(Country.Bread).Lent);
        Assert.Equal((Country.Bread, 1L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(2))).Declined(DeclineReason.OutsideDrawWindow)));
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();
        _household.GoTo(new DateOnly(2026, 11, 11));
        _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
    }

    [Fact]
    public void Dated_before_the_latest_day_finds_the_window_shut()
    {
        var slow = _household.NewCard();
        _household.GoTo(Household.Sunday, new TimeOnly(23, 58));
        var yesterday = _household.DrawingOf(CryptogramKind.Online, Country.Loaves(1));
        _household.GoTo(Household.Sunday.AddDays(1), new TimeOnly(0, 5));
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        var decision = _household.Decide(_household.Present(slow, slow.Draw(yesterday), Country.Loaves(1)));

        Assert.Equal((Country.Bread, 0L, false), Told(decision.Declined(DeclineReason.OutsideDrawWindow)));
    }

    [Theory]
    [InlineData(23, true)]
    [InlineData(24, false)]
    public void Takes_no_more_than_the_month_has_left_beside_what_is_lent(uint bags, bool isApproved)
    {
        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();
        Assert.Equal((100L, 600L), _household.Of(Country.Groceries));

        var decision = _household.Decide(_household.Tap(_card, Country.Rice(bags)));

        Assert.Equal(isApproved, decision.IsApproved);
        if (!isApproved)
            Assert.Equal((Country.Groceries, 2_300L, false), Told(decision.Declined(DeclineReason.BeyondEntitlement)));
    }

    [Fact]
    public void Is_declined_for_the_month_only_where_the_window_lets_it_through()
    {
        foreach (var day in new[] { 21, 22, 23, 24, 25 })
        {
            _household.GoTo(new DateOnly(2026, 11, day));
            _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
        }

        _household.GoTo(new DateOnly(2026, 11, 26));
        Assert.Equal((75L, 6L), _household.Of(Country.Bread));
        Assert.Equal((Country.Bread, 9L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(16))).Declined(DeclineReason.OutsideDrawWindow)));
        Assert.Equal((Country.Bread, 9L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(10))).Declined(DeclineReason.BeyondEntitlement)));
        _household.Decide(_household.Tap(_card, Country.Loaves(9))).Approved();

        // The window would let another day's bread through; the month has none but what is lent.
        _household.GoTo(new DateOnly(2026, 11, 27));
        Assert.Equal((84L, 6L), _household.Of(Country.Bread));
        Assert.Equal((Country.Bread, 0L, false), Told(_household.Decide(_household.Tap(_card, Country.Loaves(7))).Declined(DeclineReason.BeyondEntitlement)));
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void Takes_no_more_than_a_cap_allows(uint bottles, bool isApproved)
    {
        var decision = _household.Decide(_household.Tap(_card, Country.Oil(bottles)));

        Assert.Equal(isApproved, decision.IsApproved);
        if (!isApproved)
            Assert.Equal((Country.OilCap, 6L, false), Told(decision.Declined(DeclineReason.BeyondCap)));
    }

    [Fact]
    public void Counts_a_cap_in_the_amount_of_a_piece_over_all_its_lines()
    {
        _household.Decide(_household.Tap(_card, Country.Sugar(2), Country.Rice(1), Country.Sugar(3))).Approved();

        Assert.Equal(5_000, _household.Of(Country.SugarCap).Consumed);
        Assert.Equal((Country.SugarCap, 4_000L, false), Told(_household.Decide(_household.Tap(_card, Country.Sugar(5))).Declined(DeclineReason.BeyondCap)));
    }

    [Fact]
    public void Is_declined_for_the_first_reason_of_several_whatever_the_order_of_its_lines()
    {
        Assert.Equal(Country.Bread, _household.Decide(_household.Tap(_card, Country.Oil(11), Country.Loaves(16))).Declined(DeclineReason.OutsideDrawWindow).Quota);
        Assert.Equal(Country.Groceries, _household.Decide(_household.Tap(_card, Country.Oil(11), Country.Loaves(1))).Declined(DeclineReason.BeyondEntitlement).Quota);
        // Of two caps the one with the smaller number; 17 members have money enough to pass both.
        _household.Members = 17;
        Assert.Equal(Country.OilCap, _household.Decide(_household.Tap(_card, Country.Sugar(52), Country.Oil(35))).Declined(DeclineReason.BeyondCap).Quota);
    }

    [Fact]
    public void Of_several_programmes_takes_all_or_nothing()
    {
        var decision = _household.Decide(_household.Tap(_card, Country.Loaves(5), Country.Oil(7)));

        decision.Declined(DeclineReason.BeyondCap);
        Assert.Empty(_household.Movements);
        Assert.Empty(_household.Changes.Disbursements.SelectMany(entry => entry.Lines));
        Assert.Equal(default, _household.Of(Country.Bread));
    }

    [Fact]
    public void That_is_declined_is_kept_with_its_reason_and_takes_its_place()
    {
        var draw = _household.Tap(_card, Country.Loaves(16));

        var decision = _household.Decide(draw);

        var kept = Assert.Single(_household.Changes.Disbursements);
        Assert.Equal((OccupantStatus.Declined, DeclineReason.OutsideDrawWindow, 0, 0), (kept.Occupant.Status, kept.Reason, kept.SubsidyMinor, kept.CitizenPaysMinor));
        Assert.Equal(draw.Lines, PackedBasket.Decode(kept.Basket.Span));
        Assert.Equal(decision.OutcomeBytes.ToArray(), kept.Occupant.Outcome.ToArray());
        Assert.False(decision.IsUndone);
        Assert.Empty(decision.Grants);
        Assert.Empty(_household.Cases);
        Assert.True(_household.Changes.TouchLedger);
    }

    [Fact]
    public void Of_a_household_that_shrank_finds_nothing_left_and_nothing_below_it()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(15))).Approved();
        _household.Members = 1;

        Assert.Equal((Country.Groceries, 0L, false), Told(_household.Decide(_household.Tap(_card, Country.Rice(1))).Declined(DeclineReason.BeyondEntitlement)));
        // Its bread is within the smaller limit, and what it draws of that goes on.
        Assert.Equal(30, _household.Decide(_household.Tap(_card, Country.Loaves(5))).Approved().Balances.Single().Limit);
    }

    [Fact]
    public void On_points_takes_what_was_credited_and_needs_no_other_right()
    {
        _household.Programmes = [];
        Assert.True(_household.CreditPoints(1, 250));

        var approved = _household.Decide(_household.Tap(_card, Country.RiceForPoints(2))).Approved();

        var left = Assert.Single(approved.Balances);
        Assert.Equal((Country.Points, 250L, 200L, 50L), (left.Quota, left.Limit, left.Consumed, left.AvailableNow));
        Assert.Equal((Country.Points, 50L, false), Told(_household.Decide(_household.Tap(_card, Country.RiceForPoints(1))).Declined(DeclineReason.BeyondEntitlement)));
    }

    [Fact]
    public void Counts_again_from_nothing_in_a_new_month()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(20))).Approved();
        _household.GoTo(new DateOnly(2026, 12, 1));

        _household.Decide(_household.Tap(_card, Country.Rice(20))).Approved();

        Assert.Equal(2_000, _household.Of(Country.Groceries).Consumed);
        Assert.Equal(2_000, _household.Of(Country.Groceries, new PeriodId(20261100)).Consumed);
    }

    private static (QuotaCode?, long, bool) Told(DrawOutcome.Declined declined) => (declined.Quota, declined.Available, declined.FraudCase);
}
