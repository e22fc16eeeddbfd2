using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class AnOnlineDraw : IDisposable
{
    readonly TestBureau _bureau = new();
    readonly TestCard _card;
    readonly TestTerminal _terminal;

    public AnOnlineDraw()
    {
        _card = _bureau.MakeCard();
        _terminal = _bureau.MakeTerminal();
    }

    public void Dispose() => _bureau.Dispose();

    [Fact]
    public void Takes_six_exchanges_and_gives_evidence_that_issuer_and_anyone_can_check()
    {
        var request = _terminal.Loaves(5);
        using var session = _terminal.Tap(_card);
        _terminal.GetProcessingOptions(session);

        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);

        Assert.True(response.TryAssemble(request, _card.Number, out var evidence, out _));
        Assert.True(ApplicationCryptogram.IsGenuine(_card.Data.CryptogramKey, response.Atc, evidence.Encoded.Span, evidence.Cryptogram.Span));
        Assert.True(SignatureCertificate(session).ToPublicKey().Verify(evidence.Encoded.Span, evidence.Signature.Span));
    }

    CardVerifiableCertificate SignatureCertificate(ICardChannel session)
    {
        var encoded = session.Transmit(new CommandApdu(0x80, 0xCA, 0xDF, 0x62, default, 256)).Data;
        Assert.True(CardVerifiableCertificate.TryDecode(encoded.Span, out var certificate, out _));
        Assert.Equal(CertificateRefusal.None, _bureau.CardAuthority.Check(certificate, CertificateRole.CardSignature, TestBureau.Today));
        return certificate;
    }
}
