using FsCheck.Fluent;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Cryptography;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Certificates;

// Cases: its layout; there and back; any bit wrong; other encodings of the same content; what may not be stated; rights and names.
public class ACardVerifiableCertificate
{
    [Fact]
    public void Has_the_objects_of_TR_03110_in_their_order_and_fits_one_short_APDU()
    {
        var encoded = Authorities.Terminal.Encode();
        Assert.InRange(encoded.Length, 200, 240);
        Assert.True(BerTlv.TryParseSingle(encoded, 0x7F21, TlvLimits.Card, out var outer, out _));
        Assert.Equal<Tag>([0x7F4E, 0x5F37], outer.Children.Select(node => node.Tag));
        Assert.Equal<Tag>([0x5F29, 0x42, 0x7F49, 0x5F20, 0x7F4C, 0x5F25, 0x5F24], outer.Children[0].Children.Select(node => node.Tag));
        Assert.Equal([2, 6, 1, 1, 0, 1], outer.Children[0].Find(0x5F25)!.Value.ToArray());
    }

    [Fact]
    public void Is_signed_over_its_whole_body_as_the_oracle_sees_it()
    {
        var certificate = Authorities.Terminal;
        Assert.True(Oracle.EcdsaVerify(
            Authorities.TerminalAuthorityKey.PublicKey.ToPoint(), certificate.Body.ToArray(), certificate.Signature.ToArray()));
    }

    [Fact]
    public void Comes_back_as_it_was_issued() => Properties.Hold(Terms, terms =>
    {
        var certificate = CardVerifiableCertificate.Issue(terms, Authorities.TerminalAuthorityKey);
        Assert.True(CardVerifiableCertificate.TryDecode(certificate.Encode(), out var decoded, out var refusal));
        Assert.Equal(CertificateRefusal.None, refusal);
        Assert.Equal(certificate, decoded);
        Assert.Equal(terms with { PublicPoint = default }, decoded.Terms with { PublicPoint = default });
        Assert.Equal(terms.PublicPoint.ToArray(), decoded.PublicPoint.ToArray());
        Assert.True(decoded.IsSignedBy(Authorities.TerminalAuthorityKey.PublicKey));
    }, times: 40);

    [Fact]
    public void Is_refused_whichever_bit_was_turned()
    {
        foreach (var flipped in Properties.EverySingleBitFlipOf(Authorities.Terminal.Encode()))
        {
            var accepted = CardVerifiableCertificate.TryDecode(flipped, out var certificate, out var refusal)
                && certificate.IsSignedBy(Authorities.TerminalAuthorityKey.PublicKey);
            Assert.False(accepted);
            Assert.Equal(certificate is null, refusal == CertificateRefusal.Malformed);
        }
    }

    [Fact]
    public void Has_one_encoding_only()
    {
        var certificate = Authorities.Terminal;
        Assert.True(BerTlv.TryParseSingle(certificate.Encoded, 0x7F21, TlvLimits.Card, out var outer, out _));
        var body = outer.Children[0].Children;
        byte[] Body(IEnumerable<TlvNode> nodes) => [.. nodes.SelectMany(node => node.Encoded.ToArray())];

        byte[][] others =
        [
            Encode(Body(body.Reverse())), // another order
            Encode(Body(body.Skip(1))), // no profile
            Encode([.. Body(body), 0x9F, 0x7F, 0x00]), // one object more
            [.. certificate.Encode(), 0x00],
            certificate.Encode()[..^1],
            [0x7F, 0x21, 0x82, 0x00, .. certificate.Encode()[3..]], // a longer form of the length
        ];
        Assert.All(others, bytes => Assert.False(CardVerifiableCertificate.TryDecode(bytes, out _, out _)));
        Assert.True(CardVerifiableCertificate.TryDecode(Encode(Body(body)), out _, out _));
    }

    [Fact]
    public void Never_throws_whatever_the_bytes() => Properties.Hold(
        Gen.OneOf(Properties.Bytes(0, 600), from tail in Properties.Bytes(0, 240) select (byte[])[0x7F, 0x21, 0x81, (byte)tail.Length, .. tail]),
        bytes => Assert.False(CardVerifiableCertificate.TryDecode(bytes, out _, out _)),
        times: 2000);

    [Fact]
    public void Cannot_state_a_key_off_the_curve_or_dates_in_the_wrong_order()
    {
        var point = Authorities.TerminalKey.PublicKey.ToPoint();
        point[64] ^= 1;
        Assert.Throws<ArgumentException>(() => Issue(Authorities.TerminalTerms with { PublicPoint = point }));
        Assert.Throws<ArgumentException>(() => Issue(Authorities.TerminalTerms with { ExpirationDate = Authorities.From.AddDays(-1) }));
        Assert.Throws<ArgumentException>(() => Issue(Authorities.TerminalTerms with { EffectiveDate = new DateOnly(1999, 12, 31) }));
        Assert.Throws<ArgumentException>(() => Issue(Authorities.TerminalTerms with { Rights = default }));
        Assert.Throws<ArgumentException>(() => Issue(Authorities.CardTerms with { Rights = new(CertificateRole.CardSignature, TerminalOperations.All) }));
    }

    [Fact]
    public void Says_which_programmes_and_operations_a_terminal_may_ask_for()
    {
        var rights = CertificateRights.Terminal(TerminalOperations.OnlineDraw | TerminalOperations.ReadLog, 1_000, ProgrammeCode.Bread);
        Assert.True(rights.Allows(ProgrammeCode.Bread));
        Assert.False(rights.Allows(ProgrammeCode.Groceries));
        Assert.False(rights.Allows(new ProgrammeCode(17)));
        Assert.True(rights.Allows(TerminalOperations.ReadLog));
        Assert.False(rights.Allows(TerminalOperations.OfflineDraw));
        Assert.Throws<ArgumentOutOfRangeException>(() => CertificateRights.Terminal(TerminalOperations.All, 0, new ProgrammeCode(17)));
    }

    [Fact]
    public void Names_a_card_without_showing_its_number_when_printed()
    {
        var name = HolderReference.ForCard(Authorities.CardNumber);
        Assert.True(name.TryGetCard(out var card));
        Assert.Equal(Authorities.CardNumber, card);
        Assert.DoesNotContain(Authorities.CardNumber.FullDigits, name.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Authorities.CardNumber.FullDigits, Authorities.Card.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Authorities.CardNumber.FullDigits, Authorities.Card.Terms.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_a_terminal_and_which_of_its_certificates_this_is()
    {
        Assert.True(Authorities.Terminal.HolderReference.TryGetTerminal(out var terminal));
        Assert.Equal(Authorities.TerminalId, terminal);
        Assert.Equal("T000004200001", Authorities.Terminal.HolderReference.Value);
        Assert.False(Authorities.TerminalAuthorityName.TryGetCard(out _));
        Assert.False(HolderReference.TryParse("lower case", out _));
        Assert.False(HolderReference.TryParse("12345678901234567", out _));
        Assert.False(HolderReference.TryParse("", out _));
    }

    private static CardVerifiableCertificate Issue(CertificateTerms terms) => CardVerifiableCertificate.Issue(terms, Authorities.TerminalAuthorityKey);

    private static byte[] Encode(byte[] body) => new TlvWriter()
        .Append(0x7F21, outer => outer.Append(0x7F4E, body).Append(0x5F37, new byte[64]))
        .ToArray();

    private static FsCheck.Gen<CertificateTerms> Terms =>
        from seed in Properties.Bytes(32)
        from role in Gen.Elements(Enum.GetValues<CertificateRole>().Where(role => role is not (CertificateRole.None or CertificateRole.Terminal)).ToArray())
        from isTerminal in Gen.Elements(true, false)
        from operations in Gen.Choose(0, 15)
        from programmes in Gen.Choose(0, 0xFFFF)
        from amount in Gen.Choose(0, int.MaxValue)
        from name in Gen.Elements("A", "EGTERMCA00001", "0123456789ABCDEF")
        from start in Gen.Choose(0, 30_000)
        from days in Gen.Choose(0, 6_000)
        select Make(seed, role, isTerminal, operations, programmes, amount, name, start, days);

    private static CertificateTerms Make(byte[] seed, CertificateRole role, bool isTerminal, int operations, int programmes, int amount, string name, int start, int days)
    {
        using var key = EcKeyPair.FromScalar(AgreeingOnASecret.ScalarFrom(seed));
        var rights = isTerminal
            ? new CertificateRights(CertificateRole.Terminal, (TerminalOperations)operations, (ushort)programmes, (uint)amount)
            : new CertificateRights(role);
        var from = new DateOnly(2000, 1, 1).AddDays(start);
        return new(Authorities.TerminalAuthorityName, key.PublicKey.ToPoint(), HolderReference.Parse(name), rights, from, from.AddDays(days));
    }
}
