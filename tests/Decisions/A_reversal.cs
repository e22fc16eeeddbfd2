namespace SmartCard.Decisions.Tests;

/// <summary>
/// Of an approved draw: opposite movements, its day's window, once. Of one that never came: a tombstone, and what an offline draw had reserved. Of what is in no doubt: nothing.
/// </summary>
public sealed class A_reversal
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_reversal() => _card = _household.NewCard();

    [Fact]
    public void Moves_everything_back_and_names_what_it_undoes()
    {
        var draw = _household.Tap(_card, Country.Loaves(10), Country.Oil(2));
        _household.Decide(draw);
        var drawn = _household.Changes.Movements.Where(movement => movement.Entry == 1_000).ToArray();
        _household.TurnPage();

        Assert.Equal(ReversalResult.Undone, _household.Reverse(draw));

        Assert.Equal(drawn.Select(movement => movement with { Entry = 1_003, Undoes = 1_000, Debit = movement.Credit, Credit = movement.Debit }), _household.Changes.Movements);
        Assert.Equal((0L, 6L), _household.Of(Country.Bread));
        Assert.Equal((0L, 600L), _household.Of(Country.Groceries));
        Assert.Equal((0L, 0L), _household.Of(Country.OilCap));
        Assert.Equal(
            new ReversalEntry(1_003, _card.Number, draw.Record.Atc, 1_000, ReversalReason.NoAnswer, Country.Cooperative.Terminal, Household.Sunday, _household.Now),
            Assert.Single(_household.Changes.Reversals));
        Assert.True(_household.Changes.TouchLedger);
    }

    [Fact]
    public void Gives_the_day_back_what_it_took_of_it()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));
        _household.Decide(draw);
        _household.Decide(_household.Tap(_card, Country.Loaves(3)));

        _household.Reverse(draw);

        Assert.Equal(12, _household.Decide(_household.Tap(_card, Country.Loaves(13))).Declined(DeclineReason.OutsideDrawWindow).Available);
        _household.Decide(_household.Tap(_card, Country.Loaves(12))).Approved();
    }

    [Fact]
    public void Of_an_earlier_day_gives_today_nothing()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));
        _household.Decide(draw);
        _household.GoTo(Household.Sunday.AddDays(1));
        _household.Decide(_household.Tap(_card, Country.Loaves(5))).Approved();

        _household.Reverse(draw);

        Assert.Equal(10, _household.Decide(_household.Tap(_card, Country.Loaves(11))).Declined(DeclineReason.OutsideDrawWindow).Available);
    }

    [Fact]
    public void Repeated_is_answered_the_same_and_moves_nothing_more()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));
        _household.Decide(draw);
        _household.Reverse(draw);
        _household.TurnPage();

        Assert.Equal(ReversalResult.Undone, _household.Reverse(draw));
        Assert.False(_household.Changes.TouchLedger);
    }

    [Fact]
    public void Of_an_offline_draw_gives_the_household_what_the_card_cannot_spend_again()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));
        var draw = _household.TapOffline(_card, Country.Loaves(4));
        _household.Decide(draw).Approved();
        Assert.Equal((5L, 2L), _household.Of(Country.Bread));

        Assert.Equal(ReversalResult.Undone, _household.Reverse(draw));

        Assert.Equal((1L, 2L), _household.Of(Country.Bread));
        Assert.Equal(2, _household.AllowanceOf(_card, Country.Bread).Outstanding);
        Assert.Equal(Account.Household(Household.Id), _household.Changes.Movements[^2].Credit);
    }

    [Fact]
    public void Of_a_declined_draw_finds_nothing_to_undo()
    {
        var draw = _household.Tap(_card, Country.Loaves(16));
        _household.Decide(draw);
        _household.TurnPage();

        Assert.Equal(ReversalResult.NothingToUndo, _household.Reverse(draw));
        Assert.False(_household.Changes.TouchLedger);
    }

    [Fact]
    public void With_other_content_is_refused_and_looked_into()
    {
        var clone = _card.Copied();
        _household.Decide(_household.Tap(_card, Country.Loaves(10)));
        _household.TurnPage();

        Assert.Equal(ReversalResult.Refused, _household.Reverse(_household.Tap(clone, Country.Loaves(9))));

        Assert.Equal(FraudKind.AtcReplayed, Assert.Single(_household.Cases).Kind);
        Assert.Equal(10, _household.Of(Country.Bread).Consumed);
    }

    [Fact]
    public void Of_goods_that_came_back_is_refused()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));
        _household.Decide(draw);
        _household.Refund(draw, 1, Country.Loaves(1)).Recorded();

        Assert.Equal(ReversalResult.Refused, _household.Reverse(draw));
        Assert.Equal(9, _household.Of(Country.Bread).Consumed);
    }

    [Fact]
    public void That_comes_first_leaves_a_tombstone_that_the_draw_finds()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));

        Assert.Equal(ReversalResult.NothingToUndo, _household.Reverse(draw));
        var stone = Assert.Single(_household.Changes.Disbursements);
        _household.TurnPage();
        var late = _household.Decide(draw);

        Assert.Equal((OccupantStatus.Tombstone, DeclineReason.AlreadyReversed, 0, 0), (stone.Occupant.Status, stone.Reason, stone.SubsidyMinor, stone.CitizenPaysMinor));
        var declined = late.Declined(DeclineReason.AlreadyReversed);
        Assert.Equal((draw.Record.TransactionId, null, 0L, false), (declined.Transaction, declined.Quota, declined.Available, declined.FraudCase));
        Assert.Empty(_household.Movements);
        Assert.Equal(ReversalResult.NothingToUndo, _household.Reverse(draw));
        Assert.False(_household.Changes.TouchLedger);
        Assert.Empty(_household.Cases);
    }

    [Fact]
    public void That_comes_first_keeps_the_chain_for_the_neighbours()
    {
        var (first, second, third) = (_household.Tap(_card, Country.Loaves(1)), _household.Tap(_card, Country.Loaves(10)), _household.Tap(_card, Country.Loaves(1)));
        _household.Reverse(second);

        _household.Decide(first).Approved();
        _household.Decide(third).Approved();
    }

    [Fact]
    public void That_comes_first_for_a_copied_card_is_looked_into()
    {
        var clone = _card.Copied();
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));
        _household.Tap(clone, Country.Loaves(2));

        Assert.Equal(ReversalResult.NothingToUndo, _household.Reverse(_household.Tap(clone, Country.Loaves(1))));

        Assert.Equal(FraudKind.ChainForked, Assert.Single(_household.Cases).Kind);
    }

    [Fact]
    public void That_comes_first_for_an_offline_draw_frees_what_was_reserved_for_it()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));
        _household.TurnPage();

        _household.Reverse(_household.TapOffline(_card, Country.Loaves(4), Country.Rice(2)));

        var (card, household, month) = (Account.Card(_card.Number), Account.Household(Household.Id), new PeriodId(20261100));
        Assert.Equal(
            [
                new Movement(1_003, 0, null, card, household, Country.Bread, month, QuantityUnit.Loaf, 4),
                new Movement(1_003, 1, null, card, household, Country.Groceries, month, QuantityUnit.MinorCurrency, 200),
            ],
            _household.Changes.Movements);
        Assert.Equal((1L, 2L), _household.Of(Country.Bread));
        Assert.Equal((0L, 400L), _household.Of(Country.Groceries));
    }

    [Fact]
    public void That_comes_first_for_an_offline_draw_frees_no_more_than_was_lent()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));

        _household.Reverse(_household.TapOffline(_card, Country.Loaves(9)));
        _household.Reverse(_household.TapOffline(_card, Country.Loaves(1)));

        Assert.Equal((1L, 0L), _household.Of(Country.Bread));
        Assert.Equal(0, _household.AllowanceOf(_card, Country.Bread).Outstanding);
    }

    [Fact]
    public void That_comes_first_for_an_online_draw_frees_nothing()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));

        _household.Reverse(_household.Tap(_card, Country.Loaves(4)));

        Assert.Equal((1L, 6L), _household.Of(Country.Bread));
    }

    [Fact]
    public void Of_a_record_in_another_unit_or_programme_frees_nothing_of_ours()
    {
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));
        var grams = _household.DrawingOf(CryptogramKind.Offline, Country.Loaves(4)) with { Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 4, QuantityUnit.Gram, 0)] };
        var unknown = grams with { Draws = [new ProgrammeDraw(new ProgrammeCode(9), 4, QuantityUnit.Loaf, 0)] };

        _household.Reverse(_card.Draw(grams));
        _household.Reverse(_card.Draw(unknown));

        Assert.Equal((1L, 6L), _household.Of(Country.Bread));
    }
}
