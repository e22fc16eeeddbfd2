using SmartCard.CardOs.Links;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class SelectingAnApplication : ACardAndATerminal
{
    [Fact]
    public void By_its_name_answers_name_version_and_key_references()
    {
        var answer = Card.Insert().Transmit(Select(Aid.Subsidy));

        Assert.Equal(StatusWord.Success, answer.Status);
        Assert.True(BerTlv.TryParseSingle(answer.Data, 0x6F, TlvLimits.Card, out var information, out _));
        Assert.Equal(Aid.Subsidy.ToArray(), information.Find(0x84)!.Value.ToArray());
        var proprietary = information.Find(0xA5)!;
        Assert.Equal([0x01, 0x00], proprietary.Find(0x9F08)!.Value.ToArray());
        Assert.Equal(["1001", "1101"], proprietary.Children.Where(child => child.Tag == (Tag)0xC0).Select(child => Convert.ToHexString(child.Value.Span)));
    }

    [Fact]
    public void By_the_beginning_of_its_name_is_enough()
    {
        var link = Card.Insert();

        Assert.Equal(StatusWord.Success, Select(link, "F053554253"));
        Assert.Equal(StatusWord.FileOrApplicationNotFound, Select(link, "F0535542"));
        Assert.Equal(StatusWord.FileOrApplicationNotFound, Select(link, "F05355425349445900"));
    }

    [Fact]
    public void Without_a_name_is_selecting_the_security_domain()
    {
        var answer = Card.Insert().Transmit(Plain(0x00, 0xA4, 0x04, 0x00));

        Assert.True(BerTlv.TryParseSingle(answer.Data, 0x6F, TlvLimits.Card, out var information, out _));
        Assert.Equal(Aid.IssuerSecurityDomain.ToArray(), information.Find(0x84)!.Value.ToArray());
    }

    [Fact]
    public void Without_information_answers_none()
    {
        var answer = Card.Insert().Transmit(Select(Aid.Subsidy) with { P2 = 0x0C });

        Assert.Equal(new ResponseApdu(StatusWord.Success), answer);
    }

    [Fact]
    public void Again_does_not_find_another()
    {
        Assert.Equal(StatusWord.FileOrApplicationNotFound, Card.Insert().Transmit(Select(Aid.Subsidy) with { P2 = 0x02 }).Status);
    }

    [Fact]
    public void By_file_is_not_offered()
    {
        Assert.Equal(StatusWord.IncorrectParameters, Card.Insert().Transmit(Plain(0x00, 0xA4, 0x00, 0x00, 0x3F, 0x00)).Status);
    }

    [Fact]
    public void That_is_not_there_leaves_the_session_open()
    {
        var link = Card.Insert();
        using var session = Terminal.Open(link);

        Assert.Equal(StatusWord.FileOrApplicationNotFound, Select(link, "A000000003000000"));
        Assert.NotNull(Terminal.GetProcessingOptions(session));
    }

    [Fact]
    public void Anew_ends_the_session()
    {
        var link = Card.Insert();
        using var session = Terminal.Open(link);

        Assert.Equal(StatusWord.Success, link.Transmit(Select(Aid.Subsidy)).Status);
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand()).Status);
    }

    [Fact]
    public void Inside_a_session_is_refused()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, session.Transmit(Select(Aid.Subsidy)).Status);
        Assert.NotNull(Terminal.GetProcessingOptions(session));
    }

    [Fact]
    public void Finds_no_subsidy_application_on_a_blank_card()
    {
        Assert.Equal(StatusWord.FileOrApplicationNotFound, TestBureau.MakeBlankCard().Insert().Transmit(Select(Aid.Subsidy)).Status);
    }

    [Fact]
    public void Is_not_needed_for_the_security_domain_after_a_reset()
    {
        Assert.Equal(StatusWord.InstructionNotSupported, Card.Insert().Transmit(Terminal.Loaves(1).ToCommand(CryptogramKind.Online)).Status);
        Assert.Equal(StatusWord.Success, Card.Insert().Transmit(Plain(0x80, 0x50, 0x00, 0x00, new byte[8])).Status);
    }

    private static StatusWord Select(InProcessCardLink link, string name) =>
        link.Transmit(Plain(0x00, 0xA4, 0x04, 0x00, Convert.FromHexString(name))).Status;
}
