using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>What people read when a tap ends.</summary>
public sealed class MessagesToPeople
{
    public static TheoryData<DeclineReason> EveryReason => [.. Enum.GetValues<DeclineReason>().Where(reason => reason != DeclineReason.Unspecified)];

    public static TheoryData<TapOutcomeKind> EveryKind => [.. Enum.GetValues<TapOutcomeKind>().Where(kind => kind != TapOutcomeKind.Declined)];

    public static TheoryData<RefundRefusal> EveryRefundRefusal => [.. Enum.GetValues<RefundRefusal>()];

    [Theory]
    [MemberData(nameof(EveryReason))]
    public void Explain_every_decline_in_three_languages_with_a_next_step(DeclineReason reason)
    {
        Assert.True(DeclineTexts.Covers(reason));
        AssertComplete(DeclineTexts.For(reason));
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public void Explain_every_other_outcome_in_three_languages_with_a_next_step(TapOutcomeKind kind) =>
        AssertComplete(OutcomeTexts.For(TapOutcome.Of(kind)));

    [Theory]
    [MemberData(nameof(EveryReason))]
    public void Tell_no_two_declines_in_the_same_words(DeclineReason reason) =>
        Assert.Single(Enum.GetValues<DeclineReason>(), other => DeclineTexts.For(other).What.En == DeclineTexts.For(reason).What.En);

    [Fact]
    public void Have_words_for_a_reason_that_a_newer_backend_may_give() => AssertComplete(DeclineTexts.For((DeclineReason)9999));

    [Fact]
    public void Say_how_many_tries_of_the_PIN_are_left() =>
        Assert.Equal("Wrong PIN; tries left: 2.", OutcomeTexts.For(new TapOutcome(TapOutcomeKind.PinWrong, PinTriesLeft: 2)).What.En);

    [Theory]
    [MemberData(nameof(EveryRefundRefusal))]
    public void Explain_why_goods_cannot_come_back_in_three_languages_with_a_next_step(RefundRefusal reason)
    {
        AssertComplete(RefundTexts.For(reason));
        Assert.Single(Enum.GetValues<RefundRefusal>(), other => RefundTexts.For(other).What.En == RefundTexts.For(reason).What.En);
    }

    [Fact]
    public async Task Say_of_a_refund_whether_money_goes_back_now()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.TapAsync(shop.Bureau.MakeCard(), [.. Shop.Loaves(5), .. Shop.Oil(1)]);

        var money = RefundTexts.For(await shop.Terminal.RefundAsync(1, Shop.Loaves(1)));
        var noMoney = RefundTexts.For(await shop.Terminal.RefundAsync(1, Shop.Oil(1)));
        shop.Backend.IsDown = true;
        var due = RefundTexts.For(await shop.Terminal.RefundAsync(1));

        Assert.Equal(
            [
                "Give the citizen the money that the receipt names.",
                "There is no money to give back: the household has its entitlement again.",
                "Give no money back before it is recorded. It is sent by itself.",
            ],
            new[] { money, noMoney, due }.Select(advice => advice.NextStep.En));
        Assert.All(new[] { money, noMoney, due }, AssertComplete);
    }

    private static void AssertComplete(Advice advice)
    {
        foreach (var text in new[] { advice.What, advice.NextStep })
        {
            Assert.Matches("\\p{IsArabic}", text.Ar);
            Assert.DoesNotMatch("[A-Za-z]", text.Ar);
            Assert.NotEmpty(text.Fr);
            Assert.NotEmpty(text.En);
            Assert.NotEqual(text.Fr, text.En);
            Assert.All(new[] { text.Ar, text.Fr, text.En }, sentence => Assert.DoesNotMatch("[0-9A-F]{4}|Exception|_", sentence));
        }
    }
}
