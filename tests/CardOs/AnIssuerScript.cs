using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class AnIssuerScript : ACardAndATerminal
{
    private const uint November = 20261100;
    private const uint December = 20261200;

    [Fact]
    public void Lends_the_card_an_allowance()
    {
        using var session = Terminal.Tap(Card);

        Lend(session, ProgrammeCode.Bread, QuantityUnit.Loaf, granted: 20, cap: 10);

        var options = Terminal.GetProcessingOptions(session);
        var expected = new Allowance(
            ProgrammeCode.Bread, QuantityUnit.Loaf, November, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), Granted: 20, Spent: 0, CapPerTransaction: 10);
        Assert.Equal([expected], options.Allowances);
        Assert.Equal(1u, options.ScriptCounter);
    }

    [Fact]
    public void May_come_from_the_issuer_directly()
    {
        using var session = Card.OpenIssuerSession(application: Aid.Subsidy);

        Assert.Equal(StatusWord.Success, Send(session, Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)));
    }

    [Fact]
    public void That_lends_more_keeps_what_was_spent()
    {
        using var session = TapWithAllowances();
        TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline);

        Lend(session, ProgrammeCode.Bread, QuantityUnit.Loaf, granted: 30, cap: 15);

        var bread = Terminal.GetProcessingOptions(session).Allowances[0];
        Assert.Equal((30u, 5u, 15u), (bread.Granted, bread.Spent, bread.CapPerTransaction));
    }

    [Fact]
    public void For_a_new_period_begins_a_new_count_and_the_old_period_never_comes_back()
    {
        using var session = TapWithAllowances();
        TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline);

        Assert.Equal(StatusWord.Success, Send(session, Bread(counter: 3, December, granted: 15)));
        Assert.Equal(0u, Terminal.GetProcessingOptions(session).Allowances[0].Spent);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, Bread(counter: 4, November, granted: 100)));
        Assert.Equal(December, Terminal.GetProcessingOptions(session).Allowances[0].Period);
    }

    [Fact]
    public void That_is_replayed_or_older_than_the_last_is_refused()
    {
        using var session = Terminal.Tap(Card);
        var older = Bread(counter: 1, November, granted: 10);
        var newer = Bread(counter: 2, November, granted: 20);

        Assert.Equal(StatusWord.Success, Send(session, newer));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, newer));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, older));
    }

    [Fact]
    public void That_takes_back_or_changes_the_unit_within_a_period_is_refused()
    {
        using var session = TapWithAllowances();
        var pieces = new AllowanceGrant(
            Card.Number, 3, ProgrammeCode.Bread, QuantityUnit.Piece, November, TestBureau.Today, TestBureau.Today, 20, 10).Seal(Card.Data.ScriptKey);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, Bread(counter: 3, November, granted: 19)));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, pieces));
        Assert.Equal(20u, Card.Snapshot().Allowances[0].Granted);
        Assert.Equal(2u, Card.Snapshot().ScriptCounter);
    }

    [Fact]
    public void For_a_fifth_programme_finds_no_room()
    {
        using var session = Terminal.Tap(Card);
        for (ushort programme = 1; programme <= 4; programme++)
            Lend(session, new ProgrammeCode(programme), QuantityUnit.Piece, 1, 1);

        var fifth = Card.Grant(new ProgrammeCode(5), QuantityUnit.Piece, 1, 1);

        Assert.Equal(StatusWord.NotEnoughMemory, Send(session, fifth));
    }

    [Fact]
    public void With_one_bit_wrong_is_refused_and_the_session_goes_on()
    {
        using var session = Terminal.Tap(Card);
        var script = Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10);
        script[30] ^= 0x01;

        Assert.Equal(StatusWord.SecureMessagingObjectsIncorrect, Send(session, script));
        Assert.Equal(0u, Terminal.GetProcessingOptions(session).ScriptCounter);
    }

    [Fact]
    public void For_another_card_is_refused()
    {
        using var session = Terminal.Tap(Card);
        var script = new ApplicationBlock(CardNumber.FromPayload(1), 1).Seal(Card.Data.ScriptKey);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(session, script));
    }

    [Fact]
    public void Sets_limits()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.Success, Send(session, new RiskLimits(Card.Number, 1, 7, 9, 1_234).Seal(Card.Data.ScriptKey)));

        var options = Terminal.GetProcessingOptions(session);
        Assert.Equal(new ConsecutiveOffline(0, 7, 9), options.ConsecutiveOffline);
        Assert.Equal(1_234u, options.PinThresholdMinor);
    }

    [Fact]
    public void That_blocks_ends_all_draws_and_shows_at_selection_and_leaves_the_records_readable()
    {
        using (var session = Terminal.Tap(Card))
        {
            TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
            Assert.Equal(StatusWord.Success, Send(session, new ApplicationBlock(Card.Number, 1).Seal(Card.Data.ScriptKey)));
        }

        var selection = Card.Insert().Transmit(Select(Aid.Subsidy));
        Assert.Equal(StatusWord.SelectedFileInvalidated, selection.Status);
        Assert.False(selection.Data.IsEmpty);

        using var blocked = Terminal.Tap(Card);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, blocked.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, blocked.Transmit(Terminal.Loaves(1).ToCommand(CryptogramKind.Online)).Status);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Verify(blocked, TestBureau.Pin));
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, Send(blocked, Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)));
        Assert.Equal(StatusWord.Success, blocked.Transmit(LogRecord.LastRecordCommand).Status);
    }

    [Fact]
    public void Is_not_taken_from_a_terminal_without_the_right_to_relay()
    {
        using var session = Bureau.MakeTerminal(operations: TerminalOperations.OnlineDraw).Tap(Card);

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, Send(session, Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)));
    }

    [Fact]
    public void Goes_to_no_other_object_of_PUT_DATA()
    {
        using var session = Terminal.Tap(Card);
        var command = IssuerScript.ToCommand(Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)) with { P2 = 0x61 };

        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(command).Status);
    }

    private byte[] Bread(uint counter, uint period, uint granted) => Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, granted, 10, counter, period);

    private static StatusWord Send(SecureCardChannel session, byte[] script) => session.Transmit(IssuerScript.ToCommand(script)).Status;
}
