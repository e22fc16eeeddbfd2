namespace SmartCard.Decisions.Tests;

/// <summary>The first outcome of a (card, ATC) stands for ever. Other content under it, and records that do not follow each other, are a copied card; a gap is none.</summary>
public sealed class A_repeated_record
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_repeated_record() => _card = _household.NewCard();

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    public void Gets_the_first_outcome_byte_for_byte_and_changes_nothing(uint loaves)
    {
        var draw = _household.Tap(_card, Country.Loaves(loaves));
        var first = _household.Decide(draw);
        _household.TurnPage();

        var again = _household.Decide(draw);

        Assert.Equal(first.OutcomeBytes.ToArray(), again.OutcomeBytes.ToArray());
        Assert.Equal((first.IsApproved, false), (again.IsApproved, again.IsUndone));
        Assert.Equal(first.Grants, again.Grants);
        Assert.Equal(first.Outcome.Transaction, again.Outcome.Transaction);
        Assert.False(_household.Changes.TouchLedger);
        Assert.Empty(_household.Cases);
    }

    [Fact]
    public void Is_the_same_one_also_in_the_batch_of_the_first()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));

        Assert.Equal(_household.Decide(draw).OutcomeBytes.ToArray(), _household.Decide(draw).OutcomeBytes.ToArray());
        Assert.Equal(10, _household.Of(Country.Bread).Consumed);
    }

    [Fact]
    public void With_other_content_is_declined_and_looked_into_and_the_first_outcome_stands()
    {
        var clone = _card.Copied();
        var draw = _household.Tap(_card, Country.Loaves(10));
        var first = _household.Decide(draw);
        _household.TurnPage();

        var replayed = _household.Tap(clone, Country.Loaves(5));
        var other = _household.Decide(replayed);

        Assert.True(other.Declined(DeclineReason.AtcReplayed).FraudCase);
        Assert.Equal((replayed.Record.TransactionId, false), (other.Outcome.Transaction, other.IsUndone));
        Assert.Equal(other.OutcomeBytes.ToArray(), OutcomeCodec.Encode(other.Outcome));
        Assert.Empty(other.Grants);
        Assert.Equal(FraudKind.AtcReplayed, Assert.Single(_household.Cases).Kind);
        Assert.False(_household.Changes.TouchLedger);
        Assert.Equal(first.OutcomeBytes.ToArray(), _household.Decide(draw).OutcomeBytes.ToArray());
    }

    [Fact]
    public void Of_a_draw_that_was_undone_keeps_its_outcome_and_the_card_is_told_no()
    {
        var draw = _household.Tap(_card, Country.Loaves(10));
        var first = _household.Decide(draw);
        _household.Reverse(draw);

        var again = _household.Decide(draw);

        Assert.Equal(first.OutcomeBytes.ToArray(), again.OutcomeBytes.ToArray());
        Assert.Equal((true, false), (again.IsUndone, again.IsApproved));
    }

    [Fact]
    public void That_does_not_follow_the_one_before_it_is_declined_and_looked_into()
    {
        var clone = _card.Copied();
        _household.Decide(_household.Tap(_card, Country.Loaves(1)));
        _household.Tap(clone, Country.Loaves(2));
        _household.TurnPage();

        var forked = _household.Decide(_household.Tap(clone, Country.Loaves(1)));

        Assert.True(forked.Declined(DeclineReason.ChainForked).FraudCase);
        Assert.Equal(FraudKind.ChainForked, Assert.Single(_household.Cases).Kind);
        Assert.Equal(DeclineReason.ChainForked, Assert.Single(_household.Changes.Disbursements).Reason);
    }

    [Fact]
    public void That_the_one_after_it_does_not_follow_is_declined_and_looked_into()
    {
        var clone = _card.Copied();
        var withheld = _household.Tap(clone, Country.Loaves(1));
        _household.Tap(_card, Country.Loaves(2));
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        _household.Decide(withheld).Declined(DeclineReason.ChainForked);
    }

    [Fact]
    public void That_does_not_follow_the_last_one_on_disk_is_found_also_behind_a_later_one_of_its_batch()
    {
        var clone = _card.Copied();
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();
        _household.TurnPage();
        _household.Tap(clone, Country.Loaves(1));
        var second = _household.Tap(clone, Country.Loaves(1));
        _household.Tap(_card, Country.Loaves(1));
        _household.Tap(_card, Country.Loaves(1));
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved(); // the fourth

        _household.Decide(second).Declined(DeclineReason.ChainForked);
    }

    [Fact]
    public void Is_in_its_chain_whichever_comes_first_and_behind_a_gap()
    {
        var first = _household.Tap(_card, Country.Loaves(1));
        var second = _household.Tap(_card, Country.Loaves(1));
        var third = _household.Tap(_card, Country.Loaves(1));
        _household.Decide(third).Approved();
        _household.Decide(first).Approved();
        _household.Decide(second).Approved();
        // It counted, lost its power and kept its chain.
        _card.Atc++;
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        Assert.Empty(_household.Cases);
    }

    [Fact]
    public void Is_another_cards_business_where_only_the_counter_is_the_same()
    {
        var other = _household.NewCard();
        _household.Decide(_household.Tap(_card, Country.Loaves(1))).Approved();

        _household.Decide(_household.Tap(other, Country.Loaves(2))).Approved();

        Assert.Equal(3, _household.Of(Country.Bread).Consumed);
    }
}
