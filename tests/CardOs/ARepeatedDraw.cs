using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class ARepeatedDraw : ACardAndATerminal
{
    [Fact]
    public void In_the_same_session_is_answered_as_the_first_time_and_debits_nothing()
    {
        using var session = TapWithAllowances();
        var command = Terminal.Loaves(5).ToCommand(CryptogramKind.Offline);

        var first = session.Transmit(command);
        var second = session.Transmit(command);

        Assert.Equal(first, second);
        Assert.Equal(5u, Terminal.GetProcessingOptions(session).Allowances[0].Spent);
    }

    [Fact]
    public void In_another_tap_after_other_draws_is_still_answered_as_the_first_time()
    {
        var request = Terminal.Loaves(5);
        GenerateAcResponse first;
        using (var session = TapWithAllowances())
        {
            first = TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);
            TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
        }

        using var again = Terminal.Tap(Card);
        var repeated = TestTerminal.GenerateAc(again, request, CryptogramKind.Offline);

        Assert.Equal(first.Encode(), repeated.Encode());
        Assert.Equal(2, Card.Snapshot().Atc.Value);
    }

    [Fact]
    public void That_was_declined_stays_declined_even_when_it_would_be_approved_now()
    {
        var request = Terminal.Loaves(5);
        using var session = Terminal.Tap(Card);
        TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);
        Lend(session, ProgrammeCode.Bread, QuantityUnit.Loaf, granted: 20, cap: 10);

        Assert.Equal(CryptogramKind.Declined, TestTerminal.GenerateAc(session, request, CryptogramKind.Offline).Kind);
    }

    [Fact]
    public void With_the_same_transaction_id_and_other_content_is_refused()
    {
        using var session = TapWithAllowances();
        var request = Terminal.Loaves(5);
        TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);

        var other = request with { AmountMinor = request.AmountMinor + 1 };
        var more = request with { Draws = [new RequestedDraw(ProgrammeCode.Bread, 6, QuantityUnit.Loaf)] };

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(other.ToCommand(CryptogramKind.Offline)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(more.ToCommand(CryptogramKind.Offline)).Status);
        Assert.Equal(5u, Card.Snapshot().Allowances[0].Spent);
    }

    [Fact]
    public void With_the_same_transaction_id_from_another_terminal_is_another_draw()
    {
        var other = Bureau.MakeTerminal("TERM0002");
        var request = Terminal.Loaves(5);
        using (var session = TapWithAllowances())
            TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);

        using var elsewhere = other.Tap(Card);
        TestTerminal.GenerateAc(elsewhere, request with { Terminal = other.Id }, CryptogramKind.Offline);

        Assert.Equal(10u, Card.Snapshot().Allowances[0].Spent);
    }
}
