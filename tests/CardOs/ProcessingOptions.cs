using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class ProcessingOptions : ACardAndATerminal
{
    [Fact]
    public void Tell_everything_that_a_terminal_decides_by()
    {
        using var session = TapWithAllowances();
        Verify(session, "0000");
        var request = Terminal.Loaves(5);
        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);

        var options = Terminal.GetProcessingOptions(session);

        Assert.Equal(response.Atc, options.Atc);
        Assert.Equal(response.Chain, options.Chain);
        Assert.Equal(request.TransactionId, options.LastTransactionId);
        Assert.Equal([ProgrammeCode.Bread, ProgrammeCode.Groceries], options.Allowances.Select(allowance => allowance.Programme));
        Assert.Equal(new ConsecutiveOffline(1, 3, 5), options.ConsecutiveOffline);
        Assert.Equal(2, options.PinTriesLeft);
        Assert.Equal(20_000u, options.PinThresholdMinor);
        Assert.Equal(2u, options.ScriptCounter);
    }

    [Fact]
    public void Change_nothing()
    {
        using var session = TapWithAllowances();
        var before = Card.Medium.ToArray();

        Terminal.GetProcessingOptions(session);

        Assert.Equal(before, Card.Medium.ToArray());
    }

    [Fact]
    public void Are_for_the_terminal_of_the_certificate()
    {
        using var session = Terminal.Tap(Card);
        var command = new ProcessingOptionsRequest(TerminalId.Parse("TERM0002"), TestBureau.Today).ToCommand();

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(command).Status);
    }

    [Theory]
    [InlineData("830B5445524D30303031261300", 0x6A80)] // no such date
    [InlineData("830A5445524D303030312611", 0x6A80)]
    [InlineData("840B5445524D30303031261122", 0x6A80)]
    [InlineData("", 0x6A80)]
    public void Are_refused_to_data_that_is_no_request(string data, ushort expected)
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(expected, session.Transmit(Plain(0x80, 0xA8, 0x00, 0x00, Convert.FromHexString(data))).Status.Value);
    }

    [Fact]
    public void With_four_allowances_fit_one_protected_answer()
    {
        using var session = Terminal.Tap(Card);
        for (ushort programme = 1; programme <= 4; programme++)
            Lend(session, new ProgrammeCode(programme), QuantityUnit.Piece, 1, 1);
        TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);

        Assert.Equal(4, Terminal.GetProcessingOptions(session).Allowances.Count);
    }
}
