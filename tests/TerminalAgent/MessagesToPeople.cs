using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>What people read when a tap ends.</summary>
public sealed class MessagesToPeople
{
    public static TheoryData<DeclineReason> EveryReason => [.. Enum.GetValues<DeclineReason>().Where(reason => reason != DeclineReason.Unspecified)];

    public static TheoryData<TapOutcomeKind> EveryKind => [.. Enum.GetValues<TapOutcomeKind>().Where(kind => kind != TapOutcomeKind.Declined)];

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
