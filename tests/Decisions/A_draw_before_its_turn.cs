using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Testing;

namespace SmartCard.Decisions.Tests;

/// <summary>What is known of a draw without its household's balances: the caller, the card, the day, the basket, the right; each reason alone, and the first of all that apply.</summary>
public sealed class A_draw_before_its_turn
{
    private readonly Household _household = new();
    private readonly TestCard _card;

    public A_draw_before_its_turn() => _card = _household.NewCard();

    [Fact]
    public void Has_no_reason_against_it_where_everything_is_in_order()
    {
        var assessment = Assess(_household.Tap(_card, Country.Loaves(10), Country.Oil(1)));

        Assert.Null(assessment.Refusal);
        Assert.Equal([10L, 300L], assessment.Shares.Select(share => share.Quantity));
        Assert.Equal([1L], assessment.Caps.Select(cap => cap.Amount));
    }

    public static TheoryData<DeclineReason, bool> Reasons => new()
    {
        // The reason, and whether it stands against goods that were handed over without a line.
        { DeclineReason.CardNotActive, true },
        { DeclineReason.CardBlocked, false },
        { DeclineReason.CardReplaced, false },
        { DeclineReason.MerchantSuspended, false },
        { DeclineReason.MerchantNotAllowed, true },
        { DeclineReason.DateOutOfRange, true },
        { DeclineReason.BasketMismatch, true },
        { DeclineReason.HouseholdNotEntitled, false },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Is_declined_for_a_reason_that_stands_alone(DeclineReason reason, bool alsoOffline)
    {
        var online = Assess(Broken(_household.Tap(_card, Country.Loaves(1)), reason));
        Assert.Equal(reason, online.Refusal);
        Assert.Empty(online.Shares);
        Assert.Empty(online.Caps);
        Assert.Equal(alsoOffline ? reason : null, Assess(Broken(_household.TapOffline(_card, Country.Loaves(1)), reason)).Refusal);
    }

    [Fact]
    public void Is_declined_for_the_first_reason_of_all_that_apply()
    {
        var reasons = Reasons.Select(row => (DeclineReason)((object[])row)[0]).ToArray();
        for (var first = 0; first < reasons.Length; first++)
        {
            var draw = _household.Tap(_card, Country.Loaves(1));
            // A card has one state: the later ones are not tried together.
            foreach (var reason in reasons[first..].Where((reason, place) => place == 0 || reason > DeclineReason.CardReplaced))
                draw = Broken(draw, reason);
            Assert.Equal(reasons[first], Assess(draw).Refusal);
        }
    }

    [Fact]
    public void That_the_card_itself_declined_is_declined_before_anything_else() =>
        Assert.Equal(DeclineReason.CardDeclined, Assess(Broken(_household.Tap(_card, CryptogramKind.Declined, Country.Loaves(1)), DeclineReason.CardNotActive)).Refusal);

    [Theory]
    [InlineData(CardState.Ordered)]
    [InlineData(CardState.Personalised)]
    [InlineData(CardState.Issued)]
    public void Of_a_card_that_is_not_yet_active_is_declined(CardState state) =>
        Assert.Equal(DeclineReason.CardNotActive, Assess(WithCard(_household.Tap(_card, Country.Loaves(1)), state)).Refusal);

    [Fact]
    public void Needs_the_right_to_each_programme_of_its_basket_and_none_to_what_was_credited()
    {
        _household.Programmes = [1];

        Assert.Null(Assess(_household.Tap(_card, Country.Loaves(1), Country.RiceForPoints(1))).Refusal);
        Assert.Equal(DeclineReason.HouseholdNotEntitled, Assess(_household.Tap(_card, Country.Loaves(1), Country.Rice(1))).Refusal);
        Assert.Equal(DeclineReason.HouseholdNotEntitled, Assess(_household.Tap(_card, Country.RiceForPoints(1)) with { Household = null }).Refusal);
    }

    [Fact]
    public void Needs_a_merchant_for_each_programme_of_its_basket()
    {
        var draw = _household.Tap(_card, Country.Loaves(1), Country.Rice(1));

        Assert.Equal(DeclineReason.MerchantNotAllowed, Assess(draw with { Terminal = draw.Terminal with { Programmes = [ProgrammeCode.Bread] } }).Refusal);
        Assert.Null(Assess(draw with { Terminal = draw.Terminal with { Programmes = [ProgrammeCode.Groceries, ProgrammeCode.Bread] } }).Refusal);
    }

    [Fact]
    public void Is_compared_with_today_where_it_is_online_and_with_the_age_that_is_allowed_where_it_is_not()
    {
        var (online, offline) = (_household.Tap(_card, Country.Loaves(1)), _household.TapOffline(_card, Country.Loaves(1)));
        _household.GoTo(Household.Sunday.AddDays(1));

        Assert.Equal(DeclineReason.DateOutOfRange, Assess(online with { ReceivedAt = _household.Now }).Refusal);
        Assert.Null(Assess(offline with { ReceivedAt = _household.Now }).Refusal);
    }

    [Fact]
    public void Is_of_a_known_kind_and_of_the_terminal_that_calls()
    {
        var signed = _card.Draw(_household.DrawingOf(CryptogramKind.Online, Country.Loaves(1)));
        var refund = _card.Draw(_household.DrawingOf(CryptogramKind.Online, Country.Loaves(1)) with { Type = 0x20 });
        var other = Country.Cooperative with { Terminal = TerminalId.Parse("COOP0002") };

        Assert.Null(Evidence.RefusalOfCaller(signed, Country.Cooperative));
        Assert.Equal(DeclineReason.MalformedRecord, Evidence.RefusalOfCaller(null, Country.Cooperative));
        Assert.Equal(DeclineReason.MalformedRecord, Evidence.RefusalOfCaller(refund, Country.Cooperative));
        Assert.Equal(DeclineReason.TerminalMismatch, Evidence.RefusalOfCaller(signed, other));
        foreach (var state in new[] { TerminalState.AwaitingEnrolment, TerminalState.Revoked })
            Assert.Equal(DeclineReason.TerminalNotEnrolled, Evidence.RefusalOfCaller(signed, other with { State = state }));
    }

    [Fact]
    public void Is_of_a_card_that_exists_and_made_it()
    {
        var record = _card.Draw(_household.DrawingOf(CryptogramKind.Online, Country.Loaves(1))).Record;
        var cryptography = new TestCryptography();

        Assert.Null(Evidence.RefusalOfCard(TestCard.Sign(record), _card.Standing, cryptography, out _));
        Assert.Equal(DeclineReason.UnknownCard, Evidence.RefusalOfCard(TestCard.Sign(record), null, cryptography, out _));
        Assert.Equal(DeclineReason.WrongCryptogram, Evidence.RefusalOfCard(TestCard.Sign(record, cryptogram: false), _card.Standing, cryptography, out _));
        Assert.Equal(DeclineReason.WrongSignature, Evidence.RefusalOfCard(TestCard.Sign(record, signature: false), _card.Standing, cryptography, out _));
    }

    [Fact]
    public void That_is_forged_is_looked_into_and_other_mistakes_are_not() => Assert.Equal(
        [(DeclineReason.WrongCryptogram, FraudKind.WrongCryptogram), (DeclineReason.WrongSignature, FraudKind.WrongSignature)],
        Enum.GetValues<DeclineReason>().Where(reason => Evidence.FraudIn(reason) is not null).Select(reason => (reason, Evidence.FraudIn(reason)!.Value)));

    private DrawAssessment Assess(Draw draw) => DrawAssessment.Of(draw, _household.Clock);

    private static Draw Broken(Draw draw, DeclineReason reason) => reason switch
    {
        DeclineReason.CardNotActive => WithCard(draw, CardState.Issued),
        DeclineReason.CardBlocked => WithCard(draw, CardState.Blocked),
        DeclineReason.CardReplaced => WithCard(draw, CardState.Replaced),
        DeclineReason.MerchantSuspended => draw with { Terminal = draw.Terminal with { MerchantSuspended = true } },
        DeclineReason.MerchantNotAllowed => draw with { Terminal = draw.Terminal with { Programmes = [] } },
        DeclineReason.DateOutOfRange => draw with { ReceivedAt = draw.ReceivedAt.AddDays(draw.IsOffline ? 8 : 1) },
        DeclineReason.BasketMismatch => draw with { Lines = [Country.Loaves(2)] },
        DeclineReason.HouseholdNotEntitled => draw with { Household = null },
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    private static Draw WithCard(Draw draw, CardState state) => draw with { Card = draw.Card with { State = state } };
}
