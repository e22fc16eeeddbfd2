namespace SmartCard.Decisions.Tests;

/// <summary>
/// Lines against what the card signed (hash, currency, sums, units, programmes), then against the price list (articles, prices); what they come to by programme and by cap.
/// </summary>
public sealed class A_basket
{
    private const ushort EgyptianPounds = 818;

    private static readonly ProgrammeRules s_rules = Country.Only.RulesOn(Household.Sunday);

    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_basket() => _card = _household.NewCard();

    [Fact]
    public void Comes_to_a_share_of_each_programme_and_of_each_cap()
    {
        var sound = Assert.IsType<BasketAssessment.Sound>(Assess(Drawing(Country.Oil(2), Country.Loaves(10), Country.Sugar(1), Country.Oil(1))));

        Assert.Equal(
            [
                new ProgrammeShare(ProgrammeCode.Bread, Country.BreadRule, QuantityUnit.Loaf, 10, SubsidyMinor: 1_640, CitizenPaysMinor: 200),
                // 3 x 300 + 125 out of the quota, and 3 x 40 on top.
                new ProgrammeShare(ProgrammeCode.Groceries, Country.GroceriesRule, QuantityUnit.MinorCurrency, 1_025, SubsidyMinor: 1_145, CitizenPaysMinor: 0),
            ],
            sound.Shares);
        Assert.Equal([new CapShare(Country.OilRule, 3), new CapShare(Country.SugarRule, 1_000)], sound.Caps);
    }

    [Fact]
    public void Of_articles_without_caps_comes_to_none() =>
        Assert.Empty(Assert.IsType<BasketAssessment.Sound>(Assess(Drawing(Country.Loaves(10)))).Caps);

    [Fact]
    public void That_the_card_did_not_sign_is_refused()
    {
        var drawing = Drawing(Country.Loaves(10));

        Refused(DeclineReason.BasketMismatch, drawing, Country.Loaves(9));
        Refused(DeclineReason.BasketMismatch, drawing, Country.Loaves(5), Country.Loaves(5));
    }

    [Fact]
    public void In_another_currency_is_refused() => Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { Currency = 840 });

    [Fact]
    public void Without_a_line_is_refused() => Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(1)) with { Lines = [], BasketHash = Basket.Hash([]) });

    [Fact]
    public void With_more_lines_than_a_basket_has_is_refused()
    {
        BasketLine[] most = [.. Enumerable.Repeat(Country.Loaves(1), Basket.LinesMax)];
        Assert.IsType<BasketAssessment.Sound>(Assess(Drawing(most)));

        Refused(DeclineReason.BasketMismatch, Drawing(most), [.. most, Country.Loaves(1)]);
    }

    [Theory]
    [InlineData(199)]
    [InlineData(201)]
    public void Of_which_the_citizen_signed_another_amount_is_refused(long amountMinor) =>
        Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { AmountMinor = amountMinor });

    [Fact]
    public void Of_which_the_card_signed_another_quantity_is_refused()
    {
        Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 11, QuantityUnit.Loaf, 0)] });
        Refused(DeclineReason.BasketMismatch, Drawing(Country.Oil(1)) with { Draws = [new ProgrammeDraw(ProgrammeCode.Groceries, 1, QuantityUnit.MinorCurrency, 0)] });
    }

    [Fact]
    public void In_another_unit_than_the_programmes_is_refused() =>
        Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 10, QuantityUnit.Piece, 0)] });

    [Fact]
    public void Of_a_programme_that_does_not_exist_is_refused() => Refused(
        DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 10, QuantityUnit.Loaf, 0), new ProgrammeDraw(new ProgrammeCode(9), 1, QuantityUnit.Loaf, 0)] });

    [Fact]
    public void With_a_line_of_nothing_is_refused() => Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10), Country.Loaves(0)));

    [Fact]
    public void With_a_line_of_a_programme_that_the_card_did_not_sign_is_refused()
    {
        var both = Drawing(Country.Loaves(10), Country.Rice(1));

        Refused(DeclineReason.BasketMismatch, both with { Draws = [both.Draws[0]] });
    }

    [Fact]
    public void Of_sums_that_no_long_can_hold_is_refused_and_not_wrapped_around()
    {
        var huge = Country.Loaves(uint.MaxValue) with { UnitPriceMinor = uint.MaxValue };
        BasketLine[] lines = [huge, huge, huge];

        Refused(DeclineReason.BasketMismatch, Drawing(Country.Loaves(10)) with { Lines = lines, BasketHash = Basket.Hash(lines) });
    }

    [Fact]
    public void Of_an_article_that_is_not_on_the_list_or_not_paid_by_the_programme_is_refused()
    {
        Refused(DeclineReason.UnknownCommodity, Drawing(Country.Loaves(10) with { Commodity = new CommodityCode(55) }));
        Refused(DeclineReason.UnknownCommodity, Drawing(Country.Sugar(1) with { Programme = ProgrammeCode.BreadPoints }));
    }

    [Fact]
    public void At_another_price_than_the_lists_is_refused_after_articles_that_are_unknown()
    {
        var dear = Country.Loaves(1) with { UnitPriceMinor = 21 };

        Refused(DeclineReason.PriceMismatch, Drawing(Country.Loaves(10), dear));
        Refused(DeclineReason.UnknownCommodity, Drawing(dear, Country.Loaves(1) with { Commodity = new CommodityCode(55) }));
    }

    [Fact]
    public void Packs_into_the_bytes_that_the_card_signed_the_hash_of()
    {
        BasketLine[] lines = [Country.Oil(2), Country.Loaves(10), Country.Sugar(uint.MaxValue)];

        var packed = PackedBasket.Encode(lines);

        Assert.Equal(Basket.Hash(lines), System.Security.Cryptography.SHA256.HashData(packed));
        Assert.Equal(lines, PackedBasket.Decode(packed));
        Assert.Empty(PackedBasket.Decode([]));
        Assert.Throws<LedgerInvariantException>(() => PackedBasket.Decode(packed.AsSpan()[..^1]));
        Assert.Throws<LedgerInvariantException>(() => PackedBasket.Decode([2, .. packed.AsSpan()[1..]]));
    }

    [Fact]
    public void Packs_as_many_lines_as_a_basket_has_and_keeps_nothing_of_more()
    {
        var most = Enumerable.Repeat(Country.Loaves(1), Basket.LinesMax).ToArray();

        Assert.Equal(most, PackedBasket.Decode(PackedBasket.Encode(most)));
        Assert.Empty(PackedBasket.Encode([.. most, Country.Loaves(1)]));
    }

    [Fact]
    public void Needs_a_rule_for_each_quota_that_the_profile_names()
    {
        var without = s_rules with { Quotas = [Country.BreadRule] };

        Assert.Same(Country.BreadRule, without.QuotaOf(Country.Bread));
        Assert.Contains("quota 201", Assert.Throws<InvalidOperationException>(() => without.QuotaOf(Country.OilCap)).Message, StringComparison.Ordinal);
    }

    private Drawing Drawing(params BasketLine[] lines) => _household.DrawingOf(CryptogramKind.Online, lines);

    private BasketAssessment Assess(Drawing drawing, params BasketLine[] lines) =>
        BasketAssessment.Of(_card.Draw(drawing).Record, lines.Length == 0 ? drawing.Lines : lines, s_rules, EgyptianPounds);

    private void Refused(DeclineReason reason, Drawing drawing, params BasketLine[] lines) =>
        Assert.Equal(reason, Assert.IsType<BasketAssessment.Refused>(Assess(drawing, lines)).Reason);
}
