using System.Text;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>The matrix of commands and sessions, as people read it. A command that may run is marked +, one that is refused with 6982 is marked -.</summary>
public sealed class RightsOfAccess : ACardAndATerminal
{
    private const string Expected = """
        command                     nobody  terminal  issuer
        GET DATA certificate          +        +        +
        GET DATA last record          -        +        +
        READ RECORD application data  -        +        +
        READ RECORD log               -        +        +
        GET PROCESSING OPTIONS        -        +        -
        VERIFY                        -        +        +
        RESET RETRY COUNTER           -        +        +
        GENERATE AC                   -        +        -
        PUT DATA script               -        +        +
        PUT KEY                       -        -        +
        """;

    [Fact]
    public void Are_as_the_matrix_says()
    {
        var matrix = new StringBuilder("command                     nobody  terminal  issuer");
        foreach (var (name, command) in Commands())
        {
            matrix.Append('\n').Append(name.PadRight(28))
                .Append("  ").Append(Mark(Nobody(), command))
                .Append("        ").Append(Mark(Terminal.Tap(Card), command))
                .Append("        ").Append(Mark(Card.OpenIssuerSession(application: Aid.Subsidy), command));
        }

        Assert.Equal(Expected.ReplaceLineEndings("\n"), matrix.ToString());
    }

    [Fact]
    public void Cover_every_command_of_the_card()
    {
        // A command that is added to the table is added here, to the matrix above, or to the suite of its own.
        byte[] handshakesAndSelection = [0xA4, 0x50, 0x2A, 0x82];
        byte[] personalisation = [0xE2, 0xF1, 0xF0, 0xF2];
        var matrix = Commands().Select(entry => entry.Command.Ins);

        Assert.Equal(
            CommandTable.Rules.Select(rule => rule.Instruction).Order(),
            matrix.Concat(handshakesAndSelection).Concat(personalisation).Distinct().Order());
    }

    [Theory]
    [InlineData(Instruction.StoreData)]
    [InlineData(Instruction.GenerateKeyPair)]
    [InlineData(Instruction.SetStatus)]
    [InlineData(Instruction.GetStatus)]
    public void Keep_personalisation_to_the_issuer(byte instruction)
    {
        var blank = TestBureau.MakeBlankCard();
        using (var session = blank.OpenIssuerSession())
            session.Transmit(SetStatusData.Command(CardLifeCycle.Initialized));

        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, blank.Insert().Transmit(Plain(0x80, instruction, 0x00, 0x00)).Status);
    }

    private IEnumerable<(string Name, CommandApdu Command)> Commands() =>
    [
        ("GET DATA certificate", Plain(0x80, 0xCA, 0x7F, 0x21)),
        ("GET DATA last record", LogRecord.LastRecordCommand),
        ("READ RECORD application data", Plain(0x00, 0xB2, 0x01, 0x14)),
        ("READ RECORD log", LogRecord.ReadCommand(1)),
        ("GET PROCESSING OPTIONS", new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()),
        ("VERIFY", CardholderVerification.QueryTries),
        ("RESET RETRY COUNTER", Plain(0x00, 0x2C, 0x00, 0x81)),
        ("GENERATE AC", Terminal.Loaves(1).ToCommand(CryptogramKind.Online)),
        ("PUT DATA script", Plain(0x80, 0xDA, 0xDF, 0x60)),
        ("PUT KEY", Plain(0x80, 0xD8, 0x00, 0x00)),
    ];

    private ICardChannel Nobody()
    {
        var link = Card.Insert();
        link.Transmit(Select(Aid.Subsidy));
        return link;
    }

    private static char Mark(ICardChannel channel, CommandApdu command) =>
        channel.Transmit(command).Status == StatusWord.SecurityStatusNotSatisfied ? '-' : '+';
}
