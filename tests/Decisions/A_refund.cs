using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Decisions.Tests;

/// <summary>
/// Goods that came back: quota, caps, subsidy and the day's window go back, in part or whole, in one refund or several, and never more than was drawn. The same id is the same
/// refund. Refused in the order of the reasons.
/// </summary>
public sealed class A_refund
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_refund() => _card = _household.NewCard();

    [Fact]
    public void Moves_goods_and_subsidy_back_and_names_the_draw()
    {
        var draw = Drawn(Country.Loaves(10), Country.Oil(3));

        var refund = _household.Refund(draw, 1, Country.Oil(2), Country.Loaves(4)).Recorded();

        Assert.Equal(new Refund.Recorded(1_003, Household.Sunday, (4 * 164) + (2 * 340), 80), refund);
        var (household, merchant, month) = (Account.Household(Household.Id), Account.Merchant(Country.Cooperative.Merchant), new PeriodId(20261100));
        Assert.Equal(
            [
                new Movement(1_003, 0, 1_000, merchant, household, Country.Bread, month, QuantityUnit.Loaf, 4),
                new Movement(1_003, 1, 1_000, merchant, Account.Fund(ProgrammeCode.Bread), Country.Bread, month, QuantityUnit.MinorCurrency, 656),
                new Movement(1_003, 2, 1_000, merchant, household, Country.Groceries, month, QuantityUnit.MinorCurrency, 600),
                new Movement(1_003, 3, 1_000, merchant, Account.Fund(ProgrammeCode.Groceries), Country.Groceries, month, QuantityUnit.MinorCurrency, 680),
                new Movement(1_003, 4, 1_000, merchant, household, Country.OilCap, month, QuantityUnit.Piece, 2),
            ],
            _household.Changes.Movements);
        Assert.Equal((6L, 300L, 1L), (_household.Of(Country.Bread).Consumed, _household.Of(Country.Groceries).Consumed, _household.Of(Country.OilCap).Consumed));
    }

    [Fact]
    public void Is_kept_with_its_goods_and_a_line_for_each_programme()
    {
        var draw = Drawn(Country.Loaves(10), Country.Oil(3));
        _household.GoTo(Household.Sunday.AddDays(3));

        _household.Refund(draw, 1, Country.Oil(2), Country.Loaves(4)).Recorded();

        var kept = Assert.Single(_household.Changes.Refunds);
        Assert.Equal(
            (1_003, _card.Number, draw.Record.Atc, new Guid(1, 0, 0, new byte[8]), 1_000, Country.Cooperative.Terminal, Country.Cooperative.Merchant, 1_336, 80, Household.Sunday.AddDays(3), _household.Now),
            (kept.Entry, kept.Card, kept.Atc, kept.RefundId, kept.Undoes, kept.Terminal, kept.Merchant, kept.SubsidyMinor, kept.CitizenGetsMinor, kept.RefundedOn, kept.At));
        Assert.Equal([Country.Oil(2), Country.Loaves(4)], PackedBasket.Decode(kept.Basket.Span));
        Assert.Equal(
            [
                new RefundLine(kept, draw.Record.TransactionId, ProgrammeCode.Bread, QuantityUnit.Loaf, 4, 656, 80, Household.Sunday),
                new RefundLine(kept, draw.Record.TransactionId, ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, 600, 680, 0, Household.Sunday),
            ],
            _household.Changes.RefundLines);
        Assert.True(_household.Changes.TouchLedger);
    }

    [Fact]
    public void Of_the_same_day_opens_its_window_again_and_a_later_one_does_not()
    {
        var draw = Drawn(Country.Loaves(15));
        _household.Refund(draw, 1, Country.Loaves(4)).Recorded();
        Assert.Equal(4, _household.Decide(_household.Tap(_card, Country.Loaves(5))).Declined(DeclineReason.OutsideDrawWindow).Available);

        _household.GoTo(Household.Sunday.AddDays(1));
        _household.Decide(_household.Tap(_card, Country.Loaves(15))).Approved();
        _household.Refund(draw, 2, Country.Loaves(4)).Recorded();
        Assert.Equal(0, _household.Decide(_household.Tap(_card, Country.Loaves(1))).Declined(DeclineReason.OutsideDrawWindow).Available);
    }

    [Fact]
    public void In_parts_gives_everything_back_once()
    {
        var draw = Drawn(Country.Loaves(10), Country.Oil(3), Country.Rice(2));
        _household.Refund(draw, 1, Country.Loaves(4), Country.Rice(2)).Recorded();
        _household.TurnPage();
        _household.Refund(draw, 2, Country.Loaves(6)).Recorded();
        _household.Refund(draw, 3, Country.Oil(3)).Recorded();

        Assert.All(new[] { Country.Bread, Country.Groceries, Country.OilCap }, quota => Assert.Equal(0, _household.Of(quota).Consumed));
        _household.Refund(draw, 4, Country.Loaves(1)).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 5, Country.Oil(1)).Refused(RefundRefusal.BeyondDraw);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void Takes_no_more_pieces_than_are_left_of_the_draw(uint loaves, bool isRecorded)
    {
        var draw = Drawn(Country.Loaves(10));
        _household.Refund(draw, 1, Country.Loaves(4)).Recorded();

        Assert.Equal(isRecorded, _household.Refund(draw, 2, Country.Loaves(loaves)) is Refund.Recorded);
    }

    [Fact]
    public void Counts_the_lines_of_an_article_together_on_both_sides()
    {
        var draw = Drawn(Country.Loaves(4), Country.Loaves(3));

        _household.Refund(draw, 1, Country.Loaves(4), Country.Loaves(4)).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 2, Country.Loaves(2), Country.Loaves(5)).Recorded();
    }

    [Fact]
    public void Of_other_articles_prices_or_programmes_is_beyond_the_draw()
    {
        var draw = Drawn(Country.Loaves(10), Country.Rice(1));

        _household.Refund(draw, 1, Country.Oil(1)).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 2, Country.Loaves(1) with { UnitPriceMinor = 19 }).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 3, Country.RiceForPoints(1)).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 4, Country.Loaves(1), Country.Loaves(0)).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 5).Refused(RefundRefusal.BeyondDraw);
        _household.Refund(draw, 6, Country.Loaves(uint.MaxValue), Country.Loaves(uint.MaxValue)).Refused(RefundRefusal.BeyondDraw);
        Assert.Equal(10, _household.Of(Country.Bread).Consumed);
    }

    [Theory]
    [InlineData(Basket.LinesMax, true)]
    [InlineData(Basket.LinesMax + 1, false)]
    public void Takes_as_many_lines_as_a_basket_has_and_no_more(int lines, bool isRecorded)
    {
        _household.Members = 13;
        var draw = Drawn(Country.Loaves(65));

        Assert.Equal(isRecorded, _household.Refund(draw, 1, [.. Enumerable.Repeat(Country.Loaves(1), lines)]) is Refund.Recorded);
    }

    [Fact]
    public void Repeated_is_the_same_refund_and_moves_nothing_more()
    {
        var draw = Drawn(Country.Loaves(10));
        var first = _household.Refund(draw, 1, Country.Loaves(10)).Recorded();
        _household.TurnPage();
        _household.GoTo(Household.Sunday.AddDays(1));

        Assert.Equal(first, _household.Refund(draw, 1, Country.Loaves(10)).Recorded());
        Assert.Empty(_household.Changes.Movements);
        _household.Refund(draw, 1, Country.Loaves(9)).Refused(RefundRefusal.IdUsed);
    }

    [Fact]
    public void Of_an_offline_draw_gives_the_household_back_no_more_of_a_cap_than_was_taken()
    {
        _household.Decide(_household.Tap(_card, Country.Oil(5))).Approved();
        var draw = _household.TapOffline(_card, Country.Oil(2));
        _household.Decide(draw).Approved();
        Assert.Equal(6, _household.Of(Country.OilCap).Consumed);

        _household.Refund(draw, 1, Country.Oil(2)).Recorded();

        Assert.Equal(5, _household.Of(Country.OilCap).Consumed);
        Assert.Equal((1_500L, 0L), _household.Of(Country.Groceries));
        Assert.Equal(0, _household.AllowanceOf(_card, Country.Groceries).Outstanding);
    }

    [Fact]
    public void Of_an_offline_draw_in_parts_gives_a_cap_back_once()
    {
        _household.Decide(_household.Tap(_card, Country.Sugar(7))).Approved();
        var draw = _household.TapOffline(_card, Country.Sugar(4));
        _household.Decide(draw).Approved();
        _household.TurnPage();

        // Four bags took the 2,000 grams that the cap had left: the first bag and one of the next two bring them back, the last brings nothing.
        Refunded(bags: 1, left: 8_000);
        Refunded(bags: 2, left: 7_000);
        Refunded(bags: 1, left: 7_000);
        Assert.Equal(875, _household.Of(Country.Groceries).Consumed);

        void Refunded(uint bags, long left)
        {
            _household.Refund(draw, id: _household.Movements.Count, Country.Sugar(bags)).Recorded();
            _household.TurnPage();
            Assert.Equal(left, _household.Of(Country.SugarCap).Consumed);
        }
    }

    [Fact]
    public void Of_an_offline_draw_that_found_its_cap_used_up_gives_nothing_back_to_it()
    {
        _household.Decide(_household.Tap(_card, Country.Oil(6))).Approved();
        var draw = _household.TapOffline(_card, Country.Oil(1));
        _household.Decide(draw).Approved();

        _household.Refund(draw, 1, Country.Oil(1)).Recorded();

        Assert.Equal((6, 1_800), (_household.Of(Country.OilCap).Consumed, _household.Of(Country.Groceries).Consumed));
    }

    [Fact]
    public void Of_a_draw_that_never_came_is_refused() =>
        _household.Refund(_household.Tap(_card, Country.Loaves(1)), 1, Country.Loaves(1)).Refused(RefundRefusal.NotApproved);

    [Fact]
    public void Of_another_record_under_the_same_counter_is_refused()
    {
        var clone = _card.Copied();
        Drawn(Country.Loaves(10));

        _household.Refund(_household.Tap(clone, Country.Loaves(10)), 1, Country.Loaves(1)).Refused(RefundRefusal.NotGenuine);
    }

    [Fact]
    public void Of_another_merchants_draw_is_refused_even_where_the_id_is_known()
    {
        var draw = Drawn(Country.Loaves(10));
        _household.Refund(draw, 1, Country.Loaves(1)).Recorded();

        var stranger = Country.Cooperative with { Merchant = new MerchantId(999) };
        _household.Refund(_household.GoodsOf(draw, 1, Country.Loaves(1)) with { Terminal = stranger }).Refused(RefundRefusal.NotYours);
        var sister = Country.Cooperative with { Terminal = TerminalId.Parse("COOP0002") };
        _household.Refund(_household.GoodsOf(draw, 2, Country.Loaves(1)) with { Terminal = sister }).Recorded();
    }

    [Fact]
    public void Of_a_declined_a_buried_or_a_reversed_draw_is_refused()
    {
        var declined = _household.Tap(_card, Country.Loaves(16));
        _household.Decide(declined);
        var buried = _household.Tap(_card, Country.Loaves(1));
        _household.Reverse(buried);
        var reversed = _household.Tap(_card, Country.Loaves(1));
        _household.Decide(reversed);
        _household.Reverse(reversed);

        _household.Refund(declined, 1, Country.Loaves(1)).Refused(RefundRefusal.NotApproved);
        _household.Refund(buried, 1, Country.Loaves(1)).Refused(RefundRefusal.NotApproved);
        _household.Refund(reversed, 1, Country.Loaves(1)).Refused(RefundRefusal.Reversed);
    }

    [Fact]
    public void Needs_what_the_draw_handed_over()
    {
        var draw = Drawn(Country.Loaves(10));
        var state = new HouseholdState(Household.Id, version: 1);
        state.Read(_household.StandingAt(draw) with { Goods = null });

        Assert.Throws<LedgerInvariantException>(() => RefundDecision.Decide(_household.GoodsOf(draw, 1, Country.Loaves(1)), state, Household.Sunday, _household));
    }

    private Draw Drawn(params BasketLine[] lines)
    {
        var draw = _household.Tap(_card, lines);
        _household.Decide(draw).Approved();
        _household.TurnPage();
        return draw;
    }
}
