using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class AnOnlineDraw : ACardAndATerminal
{
    [Fact]
    public void Gives_evidence_that_the_issuer_can_check_and_that_anyone_can_check()
    {
        var request = Terminal.Loaves(5);
        using var session = Terminal.Tap(Card);
        Terminal.GetProcessingOptions(session);

        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);

        Assert.True(response.TryAssemble(request, Card.Number, out var evidence, out _));
        Assert.True(ApplicationCryptogram.IsGenuine(Card.Data.CryptogramKey, response.Atc, evidence.Encoded.Span, evidence.Cryptogram.Span));
        Assert.True(SignatureCertificate(session).ToPublicKey().Verify(evidence.Encoded.Span, evidence.Signature.Span));
    }

    [Fact]
    public void Counts_the_transaction_and_nothing_else()
    {
        using var session = TapWithAllowances();
        var before = Terminal.GetProcessingOptions(session);

        TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Online);

        var after = Terminal.GetProcessingOptions(session);
        Assert.Equal(before.Atc.Value + 1, after.Atc.Value);
        Assert.Equal(before.Allowances, after.Allowances);
        Assert.Equal(before.ConsecutiveOffline, after.ConsecutiveOffline);
        Assert.NotEqual(before.Chain, after.Chain);
    }

    [Fact]
    public void Is_signed_only_when_the_signature_is_asked_for()
    {
        using var session = Terminal.Tap(Card);
        var command = Terminal.Loaves(1).ToCommand(CryptogramKind.Online) with { P1 = (byte)CryptogramKind.Online };

        var answer = session.Transmit(command);

        Assert.True(GenerateAcResponse.TryDecode(answer.Data, out var response, out _));
        Assert.True(response.Signature.IsEmpty);
        Assert.False(Card.Snapshot().Log[0].TryGetSigned(out _));
    }

    [Fact]
    public void May_draw_on_four_programmes_in_one_record()
    {
        var request = Terminal.Request(0, null,
            new RequestedDraw(ProgrammeCode.Bread, 5, QuantityUnit.Loaf), new RequestedDraw(ProgrammeCode.Groceries, 5_000, QuantityUnit.MinorCurrency),
            new RequestedDraw(ProgrammeCode.BreadPoints, 100, QuantityUnit.MinorCurrency), new RequestedDraw(new ProgrammeCode(4), 1, QuantityUnit.Piece));
        using var session = Terminal.Tap(Card);

        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);

        Assert.True(response.TryAssemble(request, Card.Number, out var evidence, out _));
        Assert.Equal(TransactionRecordCodec.LengthMax, evidence.Encoded.Length);
    }

    [Fact]
    public void May_be_declined_at_the_terminals_wish_and_leaves_a_record_of_that()
    {
        using var session = Terminal.Tap(Card);

        var response = TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Declined);

        Assert.Equal(CryptogramKind.Declined, response.Kind);
        Assert.Equal(CryptogramKind.Declined, Card.Snapshot().Log[0].Record.Kind);
    }

    [Theory]
    [InlineData(0xC0, 0x00)] // a kind that does not exist
    [InlineData(0x81, 0x00)]
    [InlineData(0xA0, 0x00)]
    [InlineData(0x90, 0x01)]
    public void Is_refused_with_parameters_that_do_not_exist(byte p1, byte p2)
    {
        using var session = Terminal.Tap(Card);
        var command = Terminal.Loaves(1).ToCommand(CryptogramKind.Online) with { P1 = p1, P2 = p2 };

        Assert.Equal(StatusWord.IncorrectParameters, session.Transmit(command).Status);
        Assert.Equal(0, Card.Snapshot().Atc.Value);
    }

    [Fact]
    public void Is_refused_when_its_data_is_not_a_request()
    {
        using var session = Terminal.Tap(Card);
        var command = Terminal.Loaves(1).ToCommand(CryptogramKind.Online);

        Assert.Equal(StatusWord.WrongData, session.Transmit(command with { Data = command.Data[..^1] }).Status);
        Assert.Equal(0, Card.Snapshot().Atc.Value);
    }

    [Fact]
    public void Is_refused_when_it_names_another_terminal_than_the_certificate()
    {
        using var session = Terminal.Tap(Card);
        var request = Terminal.Loaves(1) with { Terminal = TerminalId.Parse("TERM0002") };

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(request.ToCommand(CryptogramKind.Online)).Status);
        Assert.Equal(0, Card.Snapshot().Atc.Value);
    }

    [Theory]
    [InlineData(TerminalOperations.OfflineDraw, CryptogramKind.Online)]
    [InlineData(TerminalOperations.OnlineDraw, CryptogramKind.Offline)]
    public void Is_refused_when_the_certificate_gives_no_right_to_it(TerminalOperations operations, CryptogramKind kind)
    {
        var terminal = Bureau.MakeTerminal(operations: operations);
        using var session = terminal.Tap(Card);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(terminal.Loaves(1).ToCommand(kind)).Status);
        Assert.Equal(0, Card.Snapshot().Atc.Value);
    }

    [Fact]
    public void Is_refused_for_a_programme_that_the_certificate_does_not_name()
    {
        var request = Terminal.Request(0, null, new RequestedDraw(new ProgrammeCode(9), 1, QuantityUnit.Piece));
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(request.ToCommand(CryptogramKind.Online)).Status);
    }

    [Fact]
    public void Is_refused_above_the_amount_of_the_certificate()
    {
        var terminal = Bureau.MakeTerminal(amountMinorMax: 100);
        using var session = terminal.Tap(Card);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(terminal.Loaves(6).ToCommand(CryptogramKind.Online)).Status);
        Assert.Equal(StatusWord.Success, session.Transmit(terminal.Loaves(5).ToCommand(CryptogramKind.Online)).Status);
    }

    private CardVerifiableCertificate SignatureCertificate(ICardChannel session)
    {
        var encoded = session.Transmit(Plain(0x80, 0xCA, 0xDF, 0x62)).Data;
        Assert.True(CardVerifiableCertificate.TryDecode(encoded.Span, out var certificate, out _));
        Assert.Equal(CertificateRefusal.None, Bureau.CardAuthority.Check(certificate, CertificateRole.CardSignature, TestBureau.Today));
        return certificate;
    }
}
