namespace SmartCard.Decisions.Tests;

/// <summary>
/// After an online draw the card is lent what the policy says, never more than half of what is left, topped up and not doubled; a counter for each lending, some of them
/// a write; the scripts that carry it, in the order of their counters and the same ones again.
/// </summary>
public sealed class Lending_to_a_card
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public Lending_to_a_card() => _card = _household.NewCard();

    [Fact]
    public void Reserves_two_days_of_bread_and_the_policys_money()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(10))).Approved();

        var (household, card, month) = (Account.Household(Household.Id), Account.Card(_card.Number), new PeriodId(20261100));
        Assert.Equal(
            [
                new Movement(1_001, 0, null, household, card, Country.Bread, month, QuantityUnit.Loaf, 6),
                new Movement(1_002, 0, null, household, card, Country.Groceries, month, QuantityUnit.MinorCurrency, 600),
            ],
            _household.Changes.Movements.Where(movement => movement.Entry > 1_000));
        Assert.Equal(
            [
                new LendingEntry(1_001, _card.Number, 16, Country.Bread, month, 6, 6, _household.Now),
                new LendingEntry(1_002, _card.Number, 17, Country.Groceries, month, 600, 600, _household.Now),
            ],
            _household.Changes.Lendings);
    }

    [Fact]
    public void Is_told_to_it_by_scripts_that_say_the_months_total_and_how_much_one_draw_may_take()
    {
        var (first, last) = (new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30));

        var grants = _household.Decide(_household.Tap(_card, Country.Loaves(10))).Grants;

        Assert.Equal(
            [
                new AllowanceGrant(_card.Number, 16, ProgrammeCode.Bread, QuantityUnit.Loaf, 20261100, first, last, Granted: 6, CapPerTransaction: 6),
                // One draw of money without a line takes no more than the policy's value.
                new AllowanceGrant(_card.Number, 17, ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, 20261100, first, last, Granted: 600, CapPerTransaction: 400),
            ],
            grants);
    }

    [Theory]
    // 3 members, 90 loaves a month: 3 a day of 30 days, 2.9 of 31.
    [InlineData(3, 11, 6)]
    [InlineData(3, 10, 6)]
    // 30 loaves: exactly 1 a day of 30 days, 1.07 of 28.
    [InlineData(1, 11, 2)]
    [InlineData(1, 2, 4)]
    public void Rounds_a_days_bread_up(int members, int month, long expected) =>
        Assert.Equal(expected, Lending.TargetOf(Country.BreadRule, members, new DateOnly(2026, month, 1), Country.Policy));

    [Fact]
    public void Is_never_of_credits_or_caps()
    {
        Assert.Equal(0, Lending.TargetOf(Country.PointsRule, 3, Household.Sunday, Country.Policy));
        Assert.Equal(0, Lending.TargetOf(Country.OilRule, 3, Household.Sunday, Country.Policy));
        Assert.Equal(600, Lending.TargetOf(Country.GroceriesRule, 3, Household.Sunday, Country.Policy));
    }

    [Fact]
    public void Is_never_of_a_programme_that_the_household_is_not_admitted_to()
    {
        _household.Programmes = [1];

        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        Assert.Equal(Country.Bread, Assert.Single(_household.Changes.Lendings).Quota);
    }

    [Theory]
    [InlineData(18, 600)]
    [InlineData(19, 550)]
    [InlineData(29, 50)]
    [InlineData(30, 0)]
    public void Leaves_the_household_half_of_what_is_left(uint bags, long lent)
    {
        // Of 3,000 piastres, at 100 a bag.
        _household.Decide(_household.Tap(_card, Country.Rice(bags))).Approved();

        Assert.Equal(lent, _household.Of(Country.Groceries).Lent);
    }

    [Fact]
    public void Counts_what_the_card_holds_into_its_half()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(27))).Approved();
        Assert.Equal(150, _household.Of(Country.Groceries).Lent);
        _household.Decide(_household.TapOffline(_card, Country.Rice(1))).Approved();

        // 50 is on the card and 150 not drawn: together 200, half of it the card's.
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        Assert.Equal((2_800L, 100L), _household.Of(Country.Groceries));
    }

    [Fact]
    public void Tops_up_what_was_spent_and_no_more()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();
        _household.TurnPage();
        _household.Decide(_household.TapOffline(_card, Country.Rice(2))).Approved();

        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();

        var lending = Assert.Single(_household.Changes.Lendings);
        Assert.Equal((200, 800, 32u), (lending.Amount, lending.Granted, lending.ScriptCounter));
        Assert.Equal((400L, 600L), _household.Of(Country.Groceries));
    }

    [Fact]
    public void Lends_nothing_to_a_card_that_holds_enough()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();
        var before = _household.Changes.Lendings.Count;

        var again = _household.Decide(_household.Tap(_card, Country.Rice(1)));

        Assert.Equal(before, _household.Changes.Lendings.Count);
        // The scripts come all the same: the card may have missed them.
        Assert.Equal([16u, 17u], again.Grants.Select(grant => grant.Counter));
    }

    [Fact]
    public void Gives_scripts_in_the_order_of_their_counters()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();
        _household.TurnPage();
        _household.Decide(_household.TapOffline(_card, Country.Loaves(1))).Approved();

        // Bread is lent anew, so its script is the younger one.
        var grants = _household.Decide(_household.Tap(_card, Country.Loaves(1))).Grants;

        Assert.Equal([(ProgrammeCode.Groceries, 17u), (ProgrammeCode.Bread, 32u)], grants.Select(grant => (grant.Programme, grant.Counter)));
    }

    [Fact]
    public void Stops_after_sixteen_in_one_write_and_goes_on_with_the_next()
    {
        _household.Members = 30;
        var cards = Enumerable.Range(0, 9).Select(_ => _household.NewCard()).ToArray();
        foreach (var card in cards)
            _household.Decide(_household.Tap(card, Country.Rice(1))).Approved();

        Assert.Equal(Enumerable.Range(16, 16).Select(counter => (uint)counter), _household.Changes.Lendings.Select(lending => lending.ScriptCounter));
        Assert.False(_household.State.MayLend);
        Assert.Throws<LedgerInvariantException>(() => _household.State.NextScriptCounter());

        _household.TurnPage();
        _household.Decide(_household.Tap(cards[8], Country.Rice(1))).Approved();
        Assert.Equal([32u, 33u], _household.Changes.Lendings.Select(lending => lending.ScriptCounter));
    }

    [Fact]
    public void Never_passes_what_a_script_can_say()
    {
        var month = new PeriodId(20261100);
        _household.State.Read(new Balance(Country.Groceries, month) { Limit = 3_000 });
        _household.State.Read(new LentAllowance(_card.Number, Country.Groceries, month) { Granted = int.MaxValue - 40, Settled = int.MaxValue - 40, ScriptCounter = 3 });

        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();

        Assert.Equal((40L, (long)int.MaxValue), (_household.Of(Country.Groceries).Lent, _household.AllowanceOf(_card, Country.Groceries).Granted));
    }

    [Fact]
    public void Keeps_the_limit_under_which_it_lent()
    {
        _household.Decide(_household.Tap(_card, Country.Rice(1))).Approved();

        Assert.Equal([90L, 3_000L], _household.Changes.Balances.Where(balance => balance.Lent > 0).OrderBy(balance => balance.Quota).Select(balance => balance.Limit));
    }
}
