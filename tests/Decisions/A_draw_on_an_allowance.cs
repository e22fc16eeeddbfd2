namespace SmartCard.Decisions.Tests;

/// <summary>
/// Goods that were handed over without a line, on what the card was lent: at the boundary and beyond it, by the card's own count too; caps that no card can count; late days; cards blocked meanwhile;
/// households that are gone.
/// </summary>
public sealed class A_draw_on_an_allowance
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    /// <summary>6 loaves and 600 piastres are lent.</summary>
    public A_draw_on_an_allowance()
    {
        _card = _household.NewCard();
        _household.Decide(_household.Tap(_card, Country.Loaves(5))).Approved();
        _household.TurnPage();
    }

    [Fact]
    public void Moves_from_the_card_to_the_merchant_what_was_reserved()
    {
        var decision = _household.Decide(_household.TapOffline(_card, Country.Loaves(6)));

        decision.Approved();
        Assert.Equal(
            new Movement(1_003, 0, null, Account.Card(_card.Number), Account.Merchant(Country.Cooperative.Merchant), Country.Bread, new PeriodId(20261100), QuantityUnit.Loaf, 6),
            _household.Changes.Movements[0]);
        Assert.Equal((11L, 0L), _household.Of(Country.Bread));
        Assert.Equal((6L, 6L, 0L), Allowance());
        Assert.Empty(_household.Changes.Lendings);
        Assert.Empty(decision.Grants);
    }

    [Fact]
    public void Beyond_what_was_lent_is_declined_and_looked_into()
    {
        var declined = _household.Decide(_household.TapOffline(_card, Country.Loaves(7))).Declined(DeclineReason.BeyondAllowance);

        Assert.Equal((Country.Bread, 6L, true), (declined.Quota, declined.Available, declined.FraudCase));
        Assert.Equal(FraudKind.BeyondAllowance, Assert.Single(_household.Cases).Kind);
        Assert.Equal((5L, 6L), _household.Of(Country.Bread));
    }

    [Fact]
    public void Of_a_card_that_by_its_own_count_spent_more_than_it_was_lent_is_declined()
    {
        _household.TapOffline(_card, Country.Loaves(4));

        var second = _household.TapOffline(_card, Country.Loaves(2));
        var third = _household.TapOffline(_card, Country.Loaves(1));

        _household.Decide(second).Approved();
        _household.Decide(third).Declined(DeclineReason.BeyondAllowance);
    }

    [Fact]
    public void Spends_each_programme_of_its_basket_or_none()
    {
        _household.Decide(_household.TapOffline(_card, Country.Loaves(6), Country.Rice(7))).Declined(DeclineReason.BeyondAllowance);
        Assert.Equal((5L, 6L), _household.Of(Country.Bread));

        var other = _household.NewCard();
        _household.Decide(_household.Tap(other, Country.Loaves(1))).Approved();
        _household.Decide(_household.TapOffline(other, Country.Loaves(6), Country.Rice(6))).Approved();
        Assert.Equal((600L, 600L), _household.Of(Country.Groceries));
    }

    [Fact]
    public void Takes_of_a_cap_what_is_left_of_it_and_is_not_declined_for_the_rest()
    {
        _household.Decide(_household.Tap(_card, Country.Oil(5))).Approved();

        _household.Decide(_household.TapOffline(_card, Country.Oil(2))).Approved();

        Assert.Equal(6, _household.Of(Country.OilCap).Consumed);
        Assert.Equal((2_100L, 0L), _household.Of(Country.Groceries));
    }

    [Fact]
    public void Takes_nothing_of_a_cap_that_is_used_up()
    {
        _household.Decide(_household.Tap(_card, Country.Oil(6))).Approved();

        _household.Decide(_household.TapOffline(_card, Country.Oil(1))).Approved();

        Assert.Equal(6, _household.Of(Country.OilCap).Consumed);
        Assert.DoesNotContain(_household.Changes.Movements, movement => movement.Amount == 0);
    }

    [Fact]
    public void Of_an_earlier_day_leaves_the_latest_days_window_as_it_is()
    {
        var yesterdays = _household.DrawingOf(CryptogramKind.Offline, Country.Loaves(3));
        _household.GoTo(Household.Sunday.AddDays(1));
        _household.Decide(_household.Tap(_card, Country.Loaves(10))).Approved();
        var other = _household.NewCard();
        _household.Decide(_household.Tap(other, Country.Loaves(1))).Approved();

        _household.Decide(_household.Present(other, other.Draw(yesterdays), Country.Loaves(3))).Approved();

        Assert.Equal(4, _household.Decide(_household.Tap(_card, Country.Loaves(15))).Declined(DeclineReason.OutsideDrawWindow).Available);
    }

    [Fact]
    public void Of_the_day_counts_in_its_window()
    {
        _household.Decide(_household.TapOffline(_card, Country.Loaves(6))).Approved();

        Assert.Equal(4, _household.Decide(_household.Tap(_card, Country.Loaves(15))).Declined(DeclineReason.OutsideDrawWindow).Available);
    }

    [Theory]
    [InlineData(CryptogramKind.Offline, 1)]
    [InlineData(CryptogramKind.Online, 0)]
    public void Of_a_card_that_was_blocked_is_paid_for_and_looked_into(CryptogramKind kind, int cases)
    {
        var draw = _household.Tap(_card, kind, Country.Loaves(1)) with { BlockedAt = _household.Now.AddHours(-1) };

        _household.Decide(draw).Approved();

        Assert.Equal(cases, _household.Cases.Count(found => found.Kind == FraudKind.OfflineAfterBlock));
    }

    [Fact]
    public void Of_a_household_that_is_gone_is_taken_and_its_quota_does_not_come_back()
    {
        var draw = _household.TapOffline(_card, Country.Loaves(6), Country.Oil(1)) with { Household = null };

        var approved = _household.Decide(draw).Approved();

        Assert.Equal([(Country.Bread, 0L, 0L), (Country.Groceries, 0L, 0L), (Country.OilCap, 0L, 0L)], approved.Balances.Select(left => (left.Quota, left.Limit, left.AvailableNow)));
    }

    [Fact]
    public void Is_a_case_of_its_own_card_alone()
    {
        var other = _household.NewCard();

        _household.Decide(_household.TapOffline(other, Country.Loaves(1))).Declined(DeclineReason.BeyondAllowance);

        Assert.Equal((6L, 0L, 6L), Allowance());
    }

    [Fact]
    public void May_be_made_with_a_line_of_what_is_lent_as_far_as_the_window_lets_it_through()
    {
        Assert.Equal(6, FromAllowance(Country.BreadRule, members: 3));
        _household.Decide(_household.Tap(_card, Country.Loaves(7))).Approved();

        // 12 of the day's 15 are drawn.
        Assert.Equal(3, FromAllowance(Country.BreadRule, members: 3));
    }

    [Fact]
    public void May_not_be_made_with_a_line_of_what_has_caps_or_by_nobody()
    {
        Assert.Equal(0, FromAllowance(Country.GroceriesRule, members: 3));
        Assert.Equal(0, FromAllowance(Country.OilRule, members: 3));
        Assert.Equal(0, FromAllowance(Country.BreadRule, members: 0));
        Assert.Equal(0, FromAllowance(Country.PointsRule, members: 3));
    }

    private long FromAllowance(QuotaRule rule, int members) => Limits.FromAllowanceOn(Household.Sunday, rule, Country.Only.RulesOn(Household.Sunday), members, _household.State);

    private (long Granted, long Settled, long Outstanding) Allowance()
    {
        var allowance = _household.AllowanceOf(_card, Country.Bread);
        return (allowance.Granted, allowance.Settled, allowance.Outstanding);
    }
}
