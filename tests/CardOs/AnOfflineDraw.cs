using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class AnOfflineDraw : ACardAndATerminal
{
    [Fact]
    public void Within_what_was_lent_is_approved_and_counted()
    {
        using var session = TapWithAllowances();
        var request = Terminal.Loaves(5);

        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);

        Assert.Equal(CryptogramKind.Offline, response.Kind);
        Assert.Equal([(ProgrammeCode.Bread, 5u)], response.Counters);
        Assert.True(response.TryAssemble(request, Card.Number, out _, out _));
        var options = Terminal.GetProcessingOptions(session);
        Assert.Equal(15u, options.Allowances[0].Remaining);
        Assert.Equal(1, options.ConsecutiveOffline.Count);
    }

    [Fact]
    public void Counts_each_programme_of_the_basket()
    {
        using var session = TapWithAllowances();
        var request = Terminal.Request(100, null,
            new RequestedDraw(ProgrammeCode.Bread, 5, QuantityUnit.Loaf), new RequestedDraw(ProgrammeCode.Groceries, 2_500, QuantityUnit.MinorCurrency));

        TestTerminal.GenerateAc(session, request, CryptogramKind.Offline);

        Assert.Equal([5u, 2_500u], Terminal.GetProcessingOptions(session).Allowances.Select(allowance => allowance.Spent));
    }

    [Fact]
    public void May_use_the_allowance_up_to_its_last_loaf_and_no_further()
    {
        using var session = TapWithAllowances();

        Assert.Equal(CryptogramKind.Offline, TestTerminal.GenerateAc(session, Terminal.Loaves(10), CryptogramKind.Offline).Kind);
        Assert.Equal(CryptogramKind.Offline, TestTerminal.GenerateAc(session, Terminal.Loaves(10), CryptogramKind.Offline).Kind);
        Assert.Equal(CryptogramKind.Declined, TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Offline).Kind);
    }

    public static TheoryData<string, Func<TestTerminal, GenerateAcRequest>> WhatIsDeclined => new()
    {
        { "more than the cap", terminal => terminal.Loaves(11) },
        { "another unit", terminal => terminal.Request(0, null, new RequestedDraw(ProgrammeCode.Bread, 5, QuantityUnit.Piece)) },
        { "a programme without allowance", terminal => terminal.Request(0, null, new RequestedDraw(ProgrammeCode.BreadPoints, 5, QuantityUnit.MinorCurrency)) },
        { "before the period", terminal => terminal.Loaves(5, new DateOnly(2026, 10, 31)) },
        { "after the period", terminal => terminal.Loaves(5, new DateOnly(2026, 12, 1)) },
        { "before a date that the card has seen proven", terminal => terminal.Loaves(5, TestBureau.Today.AddDays(-8)) },
        { "another currency", terminal => terminal.Loaves(5) with { Currency = 788 } },
        { "above the PIN threshold", terminal => terminal.Groceries(20_001) },
        { "one programme of two that is not covered", terminal => terminal.Request(0, null,
            new RequestedDraw(ProgrammeCode.Bread, 5, QuantityUnit.Loaf), new RequestedDraw(ProgrammeCode.BreadPoints, 1, QuantityUnit.MinorCurrency)) },
    };

    [Theory]
    [MemberData(nameof(WhatIsDeclined))]
    public void Outside_what_was_lent_is_declined_recorded_and_not_counted(string what, Func<TestTerminal, GenerateAcRequest> ask)
    {
        using var session = TapWithAllowances();
        var before = Terminal.GetProcessingOptions(session);

        var response = TestTerminal.GenerateAc(session, ask(Terminal), CryptogramKind.Offline);

        var after = Terminal.GetProcessingOptions(session);
        Assert.True(response.Kind == CryptogramKind.Declined, what);
        Assert.Equal(before.Allowances, after.Allowances);
        Assert.Equal(before.ConsecutiveOffline, after.ConsecutiveOffline);
        Assert.Equal(CryptogramKind.Declined, Card.Snapshot().Log[0].Record.Kind);
    }

    [Fact]
    public void Above_the_PIN_threshold_is_approved_once_the_PIN_was_verified()
    {
        var card = Bureau.MakeCard(TestBureau.DefaultLimits with { PinThresholdMinor = 99 });
        using var session = Terminal.Tap(card);
        session.Transmit(IssuerScript.ToCommand(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)));

        Assert.Equal(CryptogramKind.Declined, TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline).Kind);
        Assert.Equal(StatusWord.Success, Verify(session, TestBureau.Pin));
        Assert.Equal(CryptogramKind.Offline, TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline).Kind);
    }

    [Fact]
    public void Is_declined_from_the_upper_consecutive_limit_on()
    {
        var card = Bureau.MakeCard(new CardRiskLimits(LowerConsecutiveOffline: 1, UpperConsecutiveOffline: 2, PinThresholdMinor: 20_000));
        using var session = Terminal.Tap(card);
        session.Transmit(IssuerScript.ToCommand(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10)));

        var kinds = Enumerable.Range(0, 3).Select(_ => TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Offline).Kind).ToArray();

        Assert.Equal([CryptogramKind.Offline, CryptogramKind.Offline, CryptogramKind.Declined], kinds);
    }

    [Fact]
    public void Is_never_approved_by_a_card_to_which_nothing_was_lent()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(CryptogramKind.Declined, TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Offline).Kind);
    }
}
