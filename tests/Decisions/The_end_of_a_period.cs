namespace SmartCard.Decisions.Tests;

/// <summary>Unused bread becomes points, once; what was lent and can no longer be spent goes home, once and not a day too early; credits are recorded once.</summary>
public sealed class The_end_of_a_period
{
    private static readonly PeriodId s_november = new(20261100);
    private static readonly PeriodId s_december = new(20261200);
    private static readonly Rollover s_breadToPoints = new(Country.BreadRule, Country.PointsRule, CreditPerUnit: 10, s_november, s_december);

    private readonly Household _household = new();
    private readonly TestCard _card;

    public The_end_of_a_period() => _card = _household.NewCard();

    [Fact]
    public void Turns_what_was_neither_drawn_nor_lent_into_points()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(10))).Approved();
        _household.TurnPage();

        _household.RollOver(s_breadToPoints);

        // 90 less 10 drawn and 6 lent.
        Assert.Equal(
            [
                new Movement(1_003, 0, null, Account.Household(Household.Id), Account.Fund(ProgrammeCode.Bread), Country.Bread, s_november, QuantityUnit.Loaf, 74),
                new Movement(1_003, 1, null, Account.Fund(ProgrammeCode.BreadPoints), Account.Household(Household.Id), Country.Points, s_december, QuantityUnit.MinorCurrency, 740),
            ],
            _household.Changes.Movements);
        Assert.Equal(
            new CreditEntry(1_003, s_breadToPoints.CreditIdOf(Household.Id), Country.Points, s_december, 740, _household.Now),
            Assert.Single(_household.Changes.Credits));
        Assert.Equal((84L, 6L), _household.Of(Country.Bread));
        Assert.Equal(740, _household.State.BalanceOf(Country.Points, s_december).Limit);
    }

    [Fact]
    public void Credits_a_household_that_never_drew()
    {
        _household.RollOver(s_breadToPoints);

        Assert.Equal((90L, 0L), _household.Of(Country.Bread));
        Assert.Equal(900, Assert.Single(_household.Changes.Credits).Amount);
    }

    [Fact]
    public void Is_recorded_once_however_often_it_is_worked_on()
    {
        _household.RollOver(s_breadToPoints);
        _household.RollOver(s_breadToPoints);
        _household.TurnPage();
        _household.Members = 5;
        _household.RollOver(s_breadToPoints);

        Assert.False(_household.Changes.TouchLedger);
        Assert.Equal(2, _household.Movements.Count);
    }

    [Theory]
    [InlineData(15, 0)]
    [InlineData(14, 1)]
    public void Leaves_a_household_alone_that_has_nothing_left(uint loavesOfTheLastDay, int credits)
    {
        // The card's six come home before the last draw.
        foreach (var day in new[] { 21, 22, 23, 24, 25 })
        {
            _household.GoTo(new DateOnly(2026, 11, day));
            _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
        }
        _household.GoTo(new DateOnly(2026, 11, 26));
        _household.Expire(_card, Country.Bread, s_november, QuantityUnit.Loaf);
        _household.Decide(_household.Tap(_card, Country.Loaves(loavesOfTheLastDay))).Approved();

        _household.RollOver(s_breadToPoints);

        Assert.Equal(credits, _household.Changes.Credits.Count);
    }

    [Fact]
    public void Finds_in_its_next_target_what_came_back_meanwhile()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(10))).Approved();
        _household.RollOver(s_breadToPoints);
        _household.GoTo(new DateOnly(2026, 12, 8));
        _household.Expire(_card, Country.Bread, s_november, QuantityUnit.Loaf);

        _household.RollOver(s_breadToPoints with { Target = new PeriodId(20270100) });

        Assert.Equal([740L, 60L], _household.Changes.Credits.Select(credit => credit.Amount));
        Assert.Equal((90L, 0L), _household.Of(Country.Bread, s_november));
    }

    [Fact]
    public void Keeps_the_higher_limit_of_a_household_that_shrank()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
        _household.Members = 1;

        _household.RollOver(s_breadToPoints);

        // Of 30 for one member 15 are drawn and 6 lent.
        Assert.Equal(9, _household.Changes.Movements[^2].Amount);
        Assert.Equal((24L, 6L), _household.Of(Country.Bread));
        Assert.Equal(90, _household.State.BalanceOf(Country.Bread, s_november).Limit);
    }

    [Fact]
    public void Has_one_credit_for_each_household_period_target_and_quota()
    {
        var ids = new[]
        {
            s_breadToPoints.CreditIdOf(Household.Id),
            s_breadToPoints.CreditIdOf(new HouseholdId(78)),
            (s_breadToPoints with { Period = s_december }).CreditIdOf(Household.Id),
            (s_breadToPoints with { Target = s_november }).CreditIdOf(Household.Id),
            (s_breadToPoints with { From = Country.GroceriesRule }).CreditIdOf(Household.Id),
        };

        Assert.Distinct(ids);
        Assert.Equal(ids[0], s_breadToPoints.CreditIdOf(Household.Id));
        // For ever: another version of this program that made others would credit everybody twice.
        Assert.Equal(Guid.Parse("70729cee-1dcb-b721-d501-88e2a6d9f803"), ids[0]);
    }

    [Fact]
    public void Gives_back_what_is_still_outstanding_of_a_card()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();
        _household.Decide(_household.TapOffline(_card, Country.Loaves(2))).Approved();
        _household.TurnPage();
        _household.GoTo(new DateOnly(2026, 12, 8));

        _household.Expire(_card, Country.Bread, s_november, QuantityUnit.Loaf);

        Assert.Equal(
            new Movement(1_004, 0, null, Account.Card(_card.Number), Account.Household(Household.Id), Country.Bread, s_november, QuantityUnit.Loaf, 4),
            Assert.Single(_household.Changes.Movements));
        Assert.Equal(new ExpiryEntry(1_004, _card.Number, Country.Bread, s_november, 4, _household.Now), Assert.Single(_household.Changes.Expiries));
        Assert.Equal((3L, 0L), _household.Of(Country.Bread, s_november));
        Assert.True(_household.Changes.TouchLedger);
        _household.TurnPage();
        _household.Expire(_card, Country.Bread, s_november, QuantityUnit.Loaf);
        Assert.False(_household.Changes.TouchLedger);
    }

    [Theory]
    [InlineData("2026-11-30", false)]
    [InlineData("2026-12-07", false)]
    [InlineData("2026-12-08", true)]
    public void Gives_nothing_back_while_a_record_may_still_come(string today, bool hasLapsed) =>
        Assert.Equal(hasLapsed, AllowanceExpiry.HasLapsed(s_november, Country.Only, DateOnly.Parse(today)));

    [Fact]
    public void Records_a_credit_once()
    {
        Assert.True(_household.CreditPoints(1, 250));
        Assert.False(_household.CreditPoints(1, 250));
        _household.TurnPage();
        Assert.False(_household.CreditPoints(1, 250));
        Assert.False(_household.Changes.TouchLedger);
        Assert.True(_household.CreditPoints(2, 100));
        Assert.False(_household.CreditPoints(1, 250));

        Assert.Equal(350, _household.State.BalanceOf(Country.Points, s_november).Credited);
        Assert.Equal(
            new Movement(1_001, 0, null, Account.Fund(ProgrammeCode.BreadPoints), Account.Household(Household.Id), Country.Points, s_november, QuantityUnit.MinorCurrency, 100),
            Assert.Single(_household.Changes.Movements));
        Assert.Equal(new CreditEntry(1_001, new Guid(2, 0, 0, new byte[8]), Country.Points, s_november, 100, _household.Now), Assert.Single(_household.Changes.Credits));
        Assert.True(_household.Changes.TouchLedger);
    }
}
