using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheLifeCycle : ACardAndATerminal
{
    [Fact]
    public void Locks_and_unlocks_a_card_at_the_issuers_wish()
    {
        SetStatus(CardLifeCycle.CardLocked);

        var link = Card.Insert();
        Assert.Equal(StatusWord.SelectedFileInvalidated, link.Transmit(Select(Aid.Subsidy)).Status);
        Assert.Equal(StatusWord.Success, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(Plain(0x80, 0x2A, 0x01, 0x10, 0x7F)).Status);

        SetStatus(CardLifeCycle.Secured);
        using var session = Terminal.Tap(Card);
        Assert.Equal(CryptogramKind.Online, TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online).Kind);
    }

    [Fact]
    public void Ends_for_ever()
    {
        SetStatus(CardLifeCycle.Terminated);

        var link = Card.Insert();
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(Select(Aid.Subsidy)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(Plain(0x80, 0x50, 0x00, 0x00, new byte[8])).Status);
    }

    [Theory]
    [InlineData(CardLifeCycle.OpReady)]
    [InlineData(CardLifeCycle.Initialized)]
    [InlineData(CardLifeCycle.Secured)]
    [InlineData((CardLifeCycle)0x55)]
    public void Never_goes_back_from_secured(CardLifeCycle next)
    {
        using var session = Card.OpenIssuerSession();

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(SetStatusData.Command(next)).Status);
        Assert.Equal(CardLifeCycle.Secured, Card.Snapshot().LifeCycle);
    }

    [Fact]
    public void Is_moved_for_the_whole_card_only()
    {
        using var session = Card.OpenIssuerSession();

        Assert.Equal(StatusWord.IncorrectParameters, session.Transmit(SetStatusData.Command(CardLifeCycle.CardLocked) with { P1 = 0x40 }).Status);
    }

    [Fact]
    public void Shows_in_GET_STATUS()
    {
        using var session = Card.OpenIssuerSession();

        var domain = session.Transmit(Plain(0x80, 0xF2, 0x80, 0x02, 0x4F, 0x00));
        var applications = session.Transmit(Plain(0x80, 0xF2, 0x40, 0x02, 0x4F, 0x00));
        var old = session.Transmit(Plain(0x80, 0xF2, 0x40, 0x00, 0x4F, 0x00));

        Assert.Equal("E3134F08A0000001510000009F70010FC503800000", Convert.ToHexString(domain.Data.Span));
        Assert.Equal("E3134F08F0535542534944599F700107C503000000", Convert.ToHexString(applications.Data.Span));
        Assert.Equal("08F0535542534944590700", Convert.ToHexString(old.Data.Span));
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(Plain(0x80, 0xF2, 0x20, 0x02, 0x4F, 0x00)).Status);
        Assert.Equal(StatusWord.WrongData, session.Transmit(Plain(0x80, 0xF2, 0x40, 0x02)).Status);
        Assert.Equal(StatusWord.IncorrectParameters, session.Transmit(Plain(0x80, 0xF2, 0x01, 0x02, 0x4F, 0x00)).Status);
    }

    private void SetStatus(CardLifeCycle state)
    {
        using var session = Card.OpenIssuerSession();
        Assert.Equal(StatusWord.Success, session.Transmit(SetStatusData.Command(state)).Status);
    }
}
