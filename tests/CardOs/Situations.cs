using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>
/// The suites of this project, each a situation:
/// selecting; reading data; personalising; the life cycle; the issuer's session; the terminal's session; rights of access; processing options; PIN and PUK;
/// an online draw; an offline draw; a repeated draw; the issuer's answer; scripts; the log; a power cut; memory; a hostile terminal; a copied card;
/// a card in a virtual reader; timing; the command line.
/// Here: one issuer, one personalised card, one terminal that it trusts.
/// </summary>
public abstract class ACardAndATerminal : IDisposable
{
    protected ACardAndATerminal()
    {
        Card = Bureau.MakeCard();
        Terminal = Bureau.MakeTerminal();
    }

    private protected TestBureau Bureau { get; } = new();

    private protected TestCard Card { get; }

    private protected TestTerminal Terminal { get; }

    public void Dispose()
    {
        Bureau.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static CommandApdu Plain(byte cla, byte ins, byte p1, byte p2, params byte[] data) => new(cla, ins, p1, p2, data, CommandApdu.ShortLeMax);

    private protected static CommandApdu Select(Aid aid) => CardPersonaliser.SelectCommand(aid);

    /// <summary>Lends the card something, through this session.</summary>
    private protected void Lend(ICardChannel session, ProgrammeCode programme, QuantityUnit unit, uint granted, uint cap) =>
        Assert.Equal(StatusWord.Success, session.Transmit(IssuerScript.ToCommand(Card.Grant(programme, unit, granted, cap))).Status);

    /// <summary>A tap on a card with 20 loaves and 100 pounds of groceries lent to it.</summary>
    private protected SecureCardChannel TapWithAllowances()
    {
        var session = Terminal.Tap(Card);
        Lend(session, ProgrammeCode.Bread, QuantityUnit.Loaf, granted: 20, cap: 10);
        Lend(session, ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, granted: 10_000, cap: 30_000);
        return session;
    }

    private protected static StatusWord Verify(ICardChannel session, string pin) => session.Transmit(CardholderVerification.VerifyCommand(pin)).Status;
}
