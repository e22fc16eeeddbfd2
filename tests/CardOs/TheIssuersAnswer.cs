using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>The second GENERATE AC.</summary>
public sealed class TheIssuersAnswer : ACardAndATerminal
{
    [Fact]
    public void To_an_ARQC_resets_the_count_of_offline_draws_and_nothing_that_was_spent()
    {
        using var session = TapWithAllowances();
        TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline);
        var arqc = TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);

        var answer = Answer(session, arqc, IssuerAuthentication.Approved);

        Assert.Equal(CryptogramKind.Offline, answer!.Kind);
        Assert.Equal(arqc.Atc, answer.Atc);
        var options = Terminal.GetProcessingOptions(session);
        Assert.Equal(0, options.ConsecutiveOffline.Count);
        Assert.Equal(5u, options.Allowances[0].Spent);
        Assert.Equal(arqc.Chain, options.Chain);
    }

    [Fact]
    public void That_declines_resets_nothing()
    {
        using var session = TapWithAllowances();
        TestTerminal.GenerateAc(session, Terminal.Loaves(5), CryptogramKind.Offline);
        var arqc = TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);

        Assert.Equal(CryptogramKind.Declined, Answer(session, arqc, IssuerAuthentication.Declined)!.Kind);
        Assert.Equal(1, Card.Snapshot().ConsecutiveOffline.Count);
    }

    [Fact]
    public void That_is_forged_is_refused_and_costs_the_session_its_ARQC()
    {
        using var session = Terminal.Tap(Card);
        var arqc = TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);

        var forged = new IssuerAuthentication(IssuerAuthentication.Approved, new byte[8]).ToCommand();

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(forged).Status);
        Assert.Null(Answer(session, arqc, IssuerAuthentication.Approved));
    }

    [Fact]
    public void To_another_response_code_than_it_was_made_for_is_refused()
    {
        using var session = Terminal.Tap(Card);
        var arqc = TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
        var declined = ApplicationCryptogram.Response(Card.Data.CryptogramKey, arqc.Atc, arqc.Cryptogram.Span, IssuerAuthentication.Declined);

        var turned = new IssuerAuthentication(IssuerAuthentication.Approved, declined).ToCommand();

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(turned).Status);
    }

    [Fact]
    public void Is_refused_after_an_offline_draw_and_in_another_session()
    {
        GenerateAcResponse arqc;
        using (var session = TapWithAllowances())
        {
            arqc = TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
            TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Offline);
            Assert.Null(Answer(session, arqc, IssuerAuthentication.Approved));
        }

        using var other = Terminal.Tap(Card);
        Assert.Null(Answer(other, arqc, IssuerAuthentication.Approved));
    }

    private IssuerAuthenticationResponse? Answer(SecureCardChannel session, GenerateAcResponse arqc, ushort responseCode)
    {
        var arpc = ApplicationCryptogram.Response(Card.Data.CryptogramKey, arqc.Atc, arqc.Cryptogram.Span, responseCode);
        var answer = session.Transmit(new IssuerAuthentication(responseCode, arpc).ToCommand());
        return IssuerAuthenticationResponse.TryDecode(answer.Data, out var response) ? response : null;
    }
}
