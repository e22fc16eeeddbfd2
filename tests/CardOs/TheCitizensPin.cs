using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheCitizensPin : ACardAndATerminal
{
    [Fact]
    public void Is_accepted()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.Success, Verify(session, TestBureau.Pin));
        Assert.Equal(StatusWord.Success, session.Transmit(CardholderVerification.QueryTries).Status);
    }

    [Fact]
    public void Has_three_tries_and_then_is_blocked_even_for_the_right_one()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal("63C2", Verify(session, "0000").ToString());
        Assert.Equal("63C1", Verify(session, "0000").ToString());
        Assert.Equal("63C0", Verify(session, "0000").ToString());
        Assert.Equal(StatusWord.AuthenticationMethodBlocked, Verify(session, TestBureau.Pin));
        Assert.Equal(StatusWord.AuthenticationMethodBlocked, session.Transmit(CardholderVerification.QueryTries).Status);
    }

    [Fact]
    public void Gets_its_tries_back_by_the_right_one_and_by_nothing_else()
    {
        using (var session = Terminal.Tap(Card))
            Verify(session, "0000");

        using var again = Terminal.Tap(Card);
        Assert.Equal("63C2", again.Transmit(CardholderVerification.QueryTries).Status.ToString());
        Verify(again, TestBureau.Pin);
        Assert.Equal(3, Card.Snapshot().PinTriesLeft);
    }

    [Fact]
    public void Once_wrong_takes_back_that_it_was_right_before()
    {
        using var session = Terminal.Tap(Card);
        Verify(session, TestBureau.Pin);
        Verify(session, "0000");

        Assert.Equal("63C2", session.Transmit(CardholderVerification.QueryTries).Status.ToString());
    }

    [Fact]
    public void Is_forgotten_with_the_session()
    {
        using (var session = Terminal.Tap(Card))
            Verify(session, TestBureau.Pin);

        using var again = Terminal.Tap(Card);
        Assert.Equal("63C3", again.Transmit(CardholderVerification.QueryTries).Status.ToString());
    }

    [Theory]
    [InlineData("2412FFFFFFFFFFFF")] // two digits said to be four
    [InlineData("24123AFFFFFFFFFF")] // no digit
    [InlineData("241234FFFFFFFFF0")] // padding that is none
    [InlineData("341234FFFFFFFFFF")] // another format
    [InlineData("241234FFFFFFFF")]
    [InlineData("22FF")]
    public void In_another_form_is_refused_and_takes_no_try(string block)
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.WrongData, session.Transmit(Plain(0x00, 0x20, 0x00, 0x81, Convert.FromHexString(block))).Status);
        Assert.Equal(3, Card.Snapshot().PinTriesLeft);
    }

    [Fact]
    public void Is_not_taken_in_the_clear_within_a_session_that_does_not_encrypt()
    {
        using var session = Terminal.Tap(Card, SecurityLevel.CMacRMac);

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, Verify(session, TestBureau.Pin));
        Assert.Equal(3, Card.Snapshot().PinTriesLeft);
    }

    [Fact]
    public void Under_another_reference_does_not_exist()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.IncorrectParameters, session.Transmit(CardholderVerification.VerifyCommand(TestBureau.Pin) with { P2 = 0x82 }).Status);
    }

    [Fact]
    public void That_was_blocked_is_replaced_by_means_of_the_PUK()
    {
        using var session = Terminal.Tap(Card);
        for (var i = 0; i < 3; i++)
            Verify(session, "0000");

        Assert.Equal(StatusWord.Success, Unblock(session, TestBureau.Puk, "98765"));
        Assert.Equal("63C2", Verify(session, TestBureau.Pin).ToString());
        Assert.Equal(StatusWord.Success, Verify(session, "98765"));
    }

    [Fact]
    public void Is_not_replaced_by_a_wrong_PUK_of_which_there_are_ten_tries()
    {
        using var session = Terminal.Tap(Card);

        for (var left = 9; left >= 0; left--)
            Assert.Equal(StatusWord.TriesLeft(left), Unblock(session, "87654321", "98765"));
        Assert.Equal(StatusWord.AuthenticationMethodBlocked, Unblock(session, TestBureau.Puk, "98765"));
        Assert.Equal(StatusWord.Success, Verify(session, TestBureau.Pin));
    }

    [Fact]
    public void Is_not_replaced_by_one_that_is_too_short()
    {
        using var session = Terminal.Tap(Card);
        var command = CardholderVerification.UnblockCommand(TestBureau.Puk, "98765");
        byte[] data = [.. command.Data.Span[..8], 0x23, 0x12, 0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

        Assert.Equal(StatusWord.WrongData, session.Transmit(command with { Data = data }).Status);
        Assert.Equal(StatusWord.WrongLength, session.Transmit(command with { Data = data.AsMemory(0, 15) }).Status);
        Assert.Equal(10, Card.Snapshot().PukTriesLeft);
    }

    private static StatusWord Unblock(SecureCardChannel session, string puk, string newPin) =>
        session.Transmit(CardholderVerification.UnblockCommand(puk, newPin)).Status;
}
