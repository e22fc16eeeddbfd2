using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class ReadingData : ACardAndATerminal
{
    [Theory]
    [InlineData(0x00)]
    [InlineData(0x80)]
    public void Gives_the_certificates_to_everybody(byte cla)
    {
        var link = Card.Insert();
        link.Transmit(Select(Aid.Subsidy));

        var agreement = Decode(link.Transmit(Plain(cla, 0xCA, 0x7F, 0x21)));
        var signature = Decode(link.Transmit(Plain(cla, 0xCA, 0xDF, 0x62)));

        Assert.Equal(CertificateRefusal.None, Bureau.CardAuthority.Check(agreement, CertificateRole.CardKeyAgreement, TestBureau.Today));
        Assert.Equal(CertificateRefusal.None, Bureau.CardAuthority.Check(signature, CertificateRole.CardSignature, TestBureau.Today));
        Assert.Equal(Card.Snapshot().KeyAgreementPoint.ToArray(), agreement.PublicPoint.ToArray());
        Assert.Equal(Card.Snapshot().SignaturePoint.ToArray(), signature.PublicPoint.ToArray());
        Assert.True(agreement.HolderReference.TryGetCard(out var holder));
        Assert.Equal(Card.Number, holder);
    }

    [Fact]
    public void Gives_the_card_data_that_public_tools_ask_for()
    {
        var answer = Card.Insert().Transmit(Plain(0x80, 0xCA, 0x00, 0x66));

        Assert.True(BerTlv.TryParseSingle(answer.Data, 0x66, TlvLimits.Card, out var data, out _));
        var protocols = data.Find(0x73)!.Children.Where(child => child.Tag == (Tag)0x64).Select(child => Convert.ToHexString(child.Children[0].Value.Span));
        Assert.Equal(["2A864886FC6B040370", "2A864886FC6B041101"], protocols);
    }

    [Fact]
    public void Tells_which_keys_there_are_and_never_what_they_are()
    {
        var answer = Card.Insert().Transmit(Plain(0x80, 0xCA, 0x00, 0xE0));

        Assert.True(BerTlv.TryParseSingle(answer.Data, 0xE0, TlvLimits.Card, out var keys, out _));
        Assert.Equal(
            ["01308810", "02308810", "03308810", "1001B041", "1101B120", "2001B120", "01408810", "02408810"],
            keys.Children.Select(child => Convert.ToHexString(child.Value.Span)));
    }

    [Theory]
    [InlineData(0x7F, 0x22)]
    [InlineData(0xDF, 0x60)]
    [InlineData(0x9F, 0x7F)]
    [InlineData(0x00, 0x00)]
    public void Knows_no_other_object(byte p1, byte p2)
    {
        Assert.Equal(StatusWord.ReferencedDataNotFound, Card.Insert().Transmit(Plain(0x80, 0xCA, p1, p2)).Status);
    }

    [Fact]
    public void Takes_no_data()
    {
        Assert.Equal(StatusWord.WrongLength, Card.Insert().Transmit(Plain(0x80, 0xCA, 0x7F, 0x21, 0x00)).Status);
    }

    [Fact]
    public void Gives_what_the_card_says_of_itself_inside_a_session()
    {
        var link = Card.Insert();
        link.Transmit(Select(Aid.Subsidy));
        Assert.Equal(StatusWord.SecurityStatusNotSatisfied, link.Transmit(Plain(0x00, 0xB2, 0x01, 0x14)).Status);

        using var session = Terminal.Tap(Card);
        Assert.True(CardApplicationData.TryDecode(session.Transmit(Plain(0x00, 0xB2, 0x01, 0x14)).Data, out var data));
        Assert.Equal(new CardApplicationData(TestBureau.Egypt, TestBureau.EgyptianPound), data);
    }

    [Fact]
    public void In_small_pieces_goes_on_with_GET_RESPONSE()
    {
        var link = Card.Insert();
        var whole = link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Data.ToArray();

        var first = link.Transmit(new CommandApdu(0x80, 0xCA, 0x7F, 0x21, default, 100));
        var second = link.Transmit(new CommandApdu(0x00, 0xC0, 0x00, 0x00, default, 100));
        var third = link.Transmit(new CommandApdu(0x00, 0xC0, 0x00, 0x00, default, 256));

        Assert.Equal(StatusWord.MoreDataAvailable(whole.Length - 100), first.Status);
        Assert.Equal(StatusWord.MoreDataAvailable(whole.Length - 200), second.Status);
        Assert.Equal(StatusWord.Success, third.Status);
        Assert.Equal(whole, (byte[])[.. first.Data.Span, .. second.Data.Span, .. third.Data.Span]);
        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(new CommandApdu(0x00, 0xC0, 0x00, 0x00, default, 256)).Status);
    }

    [Fact]
    public void That_waits_is_forgotten_with_the_next_command()
    {
        var link = Card.Insert();
        link.Transmit(new CommandApdu(0x80, 0xCA, 0x7F, 0x21, default, 100));
        link.Transmit(Plain(0x80, 0xCA, 0x00, 0x66));

        Assert.Equal(StatusWord.ConditionsOfUseNotSatisfied, link.Transmit(new CommandApdu(0x00, 0xC0, 0x00, 0x00, default, 256)).Status);
    }

    [Fact]
    public void Of_an_application_in_a_protected_answer_fits_a_short_APDU()
    {
        using var session = Terminal.Tap(Card);
        TestTerminal.GenerateAc(session, Terminal.Request(0, null,
            [.. Enumerable.Range(1, 4).Select(code => new RequestedDraw(new ProgrammeCode((ushort)code), 1, QuantityUnit.Piece))]),
            CryptogramKind.Online);

        var record = session.Transmit(LogRecord.LastRecordCommand);

        Assert.Equal(StatusWord.Success, record.Status);
        Assert.InRange(record.Data.Length, 230, SecureMessaging.PlaintextBytesMax);
    }

    private static CardVerifiableCertificate Decode(ResponseApdu answer)
    {
        Assert.Equal(StatusWord.Success, answer.Status);
        Assert.True(CardVerifiableCertificate.TryDecode(answer.Data.Span, out var certificate, out _));
        return certificate;
    }
}
