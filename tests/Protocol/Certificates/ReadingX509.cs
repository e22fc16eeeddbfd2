using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Tests.Certificates;

// Cases: what the platform's own maker makes; purposes; algorithms and extensions that are not read; any bit wrong; any bytes.
public class ReadingX509
{
    [Fact]
    public void Finds_the_key_the_dates_and_a_signature_that_verifies()
    {
        Assert.True(X509PublicKeyExtractor.TryExtract(Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey), out var certificate));
        Assert.Equal(Authorities.TerminalKey.PublicKey.ToPoint(), certificate.PublicPoint.ToArray());
        Assert.Equal((Authorities.From, Authorities.To), (certificate.EffectiveDate, certificate.ExpirationDate));
        Assert.True(certificate.IsSignedBy(Authorities.TerminalAuthorityKey.PublicKey));
        Assert.False(certificate.IsSignedBy(Authorities.TerminalKey.PublicKey));
    }

    [Theory]
    [InlineData(false, null, false, true)]
    [InlineData(true, null, true, true)]
    [InlineData(false, X509KeyUsageFlags.KeyAgreement, false, true)]
    [InlineData(false, X509KeyUsageFlags.DigitalSignature, false, false)]
    [InlineData(true, X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true, false)]
    [InlineData(true, X509KeyUsageFlags.DigitalSignature, false, false)]
    [InlineData(false, X509KeyUsageFlags.KeyCertSign, false, false)]
    public void Reads_what_the_key_is_for(bool authority, X509KeyUsageFlags? usage, bool mayCertify, bool mayAgree)
    {
        var der = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, authority, usage);
        Assert.True(X509PublicKeyExtractor.TryExtract(der, out var certificate));
        Assert.Equal((mayCertify, mayAgree), (certificate.MayCertify, certificate.MayAgreeOnKeys));
    }

    [Fact]
    public void Reads_dates_after_2049_which_X509_writes_in_another_form()
    {
        var der = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, to: new DateOnly(2060, 6, 1));
        Assert.True(X509PublicKeyExtractor.TryExtract(der, out var certificate));
        Assert.Equal(new DateOnly(2060, 6, 1), certificate.ExpirationDate);
    }

    [Fact]
    public void Refuses_a_critical_extension_that_it_does_not_know_and_skips_one_that_is_not_critical()
    {
        byte[] Der(bool critical) => Authorities.X509(
            Authorities.TerminalKey, Authorities.TerminalAuthorityKey, extra: new X509Extension("1.2.3.4", [0x05, 0x00], critical));
        Assert.False(X509PublicKeyExtractor.TryExtract(Der(critical: true), out _));
        Assert.True(X509PublicKeyExtractor.TryExtract(Der(critical: false), out _));
    }

    [Fact]
    public void Refuses_other_curves_and_other_algorithms()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 30, 0, 0, 0, TimeSpan.Zero));
        using var ofP384 = new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
        using var ofRsa = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(from, to);
        using var withSha512 = new CertificateRequest("CN=x", p256, HashAlgorithmName.SHA512).CreateSelfSigned(from, to);
        Assert.All(new[] { ofP384, ofRsa, withSha512 }, certificate => Assert.False(X509PublicKeyExtractor.TryExtract(certificate.RawData, out _)));
    }

    [Fact]
    public void Refuses_a_certificate_with_any_bit_wrong()
    {
        var der = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey, usage: X509KeyUsageFlags.KeyAgreement);
        foreach (var flipped in Properties.EverySingleBitFlipOf(der))
        {
            Assert.False(X509PublicKeyExtractor.TryExtract(flipped, out var certificate)
                && certificate.IsSignedBy(Authorities.TerminalAuthorityKey.PublicKey));
        }
    }

    [Fact]
    public void Never_throws_on_a_certificate_cut_short_or_on_any_bytes()
    {
        var der = Authorities.X509(Authorities.TerminalKey, Authorities.TerminalAuthorityKey);
        for (var length = 0; length < der.Length; length++)
            Assert.False(X509PublicKeyExtractor.TryExtract(der.AsMemory(0, length), out _));
        Assert.False(X509PublicKeyExtractor.TryExtract((byte[])[.. der, 0x00], out _));
        Assert.False(X509PublicKeyExtractor.TryExtract(new byte[X509PublicKeyExtractor.BytesMax + 1], out _));
        Properties.Hold(Properties.Bytes(0, 400), bytes => Assert.False(X509PublicKeyExtractor.TryExtract(bytes, out _)), times: 2000);
    }
}
