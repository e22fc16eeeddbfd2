using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Host;

/// <summary>A small authority of a root and one intermediate, which also issues what a real one never would: expired certificates, and those of strangers.</summary>
internal sealed class TestAuthority : ICertificateAuthority, IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly DateTimeOffset _now;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly EcKeyPair _acknowledgement = EcKeyPair.Generate();
    private int _serial = 0x10;

    public TestAuthority(DateTimeOffset now)
    {
        _now = now;
        _root = Authority("CN=Test root", null);
        _intermediate = Authority("CN=Test intermediate", _root);
    }

    public X509Certificate2 Root => _root;

    public ReadOnlyMemory<byte> RootCertificate => _root.RawData;

    public IReadOnlyList<ReadOnlyMemory<byte>> IntermediateCertificates => [_intermediate.RawData];

    public ReadOnlyMemory<byte> CardAuthorityCertificate { get; } = new byte[] { 0x7F, 0x21, 0x00 };

    public ReadOnlyMemory<byte> TerminalAuthorityCertificate { get; } = new byte[] { 0x7F, 0x21, 0x01, 0x00 };

    public ReadOnlyMemory<byte> AcknowledgementPublicKey => _acknowledgement.PublicPoint.ToArray();

    public X509Certificate2 ServerCertificate(IReadOnlyList<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test server", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (System.Net.IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        return WithKey(Sign(request, ServerAuthentication, _now.AddDays(-1), _now.AddDays(30)), key);
    }

    /// <summary>A terminal's client certificate over a new key.</summary>
    public X509Certificate2 Terminal(TerminalId terminal, MerchantId merchant, OutletId outlet, DateTimeOffset? notAfter = null) =>
        Client(TerminalName(terminal, merchant, outlet), notAfter ?? _now.AddDays(30));

    public X509Certificate2 Staff(string name, StaffRoles roles) => Client($"CN={name}, OU=staff {(int)roles}", _now.AddDays(30));

    public X509Certificate2 Aggregator(string name) => Client($"CN={name}, OU=aggregator", _now.AddDays(30));

    /// <summary>Genuine, but of no kind that may call.</summary>
    public X509Certificate2 Nobody() => Client("CN=somebody", _now.AddDays(30));

    public TerminalCertificationOutcome CertifyTerminal(
        TerminalId terminal, MerchantId merchant, OutletId outlet, IReadOnlyList<ProgrammeCode> programmes, ReadOnlyMemory<byte> tlsRequest, ReadOnlyMemory<byte> cardRequest)
    {
        if (!TryLoad(tlsRequest, out var tls))
            return new TerminalCertificationOutcome.Refused("tls_request", "it is no certificate request");
        if (!TryLoad(cardRequest, out _))
            return new TerminalCertificationOutcome.Refused("card_request", "it is no certificate request");
        var notAfter = _now.AddDays(30);
        using var certificate = Sign(
            new CertificateRequest(new X500DistinguishedName(TerminalName(terminal, merchant, outlet)), tls!.PublicKey, HashAlgorithmName.SHA256), ClientAuthentication, _now.AddDays(-1), notAfter);
        return new TerminalCertificationOutcome.Certified(
            certificate.RawData, [_intermediate.RawData, _root.RawData], new byte[] { 0x7F, 0x21 }, certificate.SerialNumber, notAfter);
    }

    public StaffCertificationOutcome CertifyStaff(string name, StaffRoles roles, ReadOnlyMemory<byte> tlsRequest) => throw new NotSupportedException();

    public StaffCertificationOutcome CertifyAggregator(string name, ReadOnlyMemory<byte> tlsRequest) => throw new NotSupportedException();

    public CertificateHolder? HolderOf(X509Certificate2 certificate)
    {
        var parts = certificate.Subject.Split(", ").ToDictionary(part => part[..part.IndexOf('=')], part => part[(part.IndexOf('=') + 1)..]);
        if (!parts.TryGetValue("OU", out var unit))
            return null;
        var words = unit.Split(' ');
        return words[0] switch
        {
            "terminal" => new CertificateHolder.Terminal(TerminalId.Parse(parts["CN"]), new MerchantId(long.Parse(words[1])), new OutletId(long.Parse(words[2]))),
            "aggregator" => new CertificateHolder.Aggregator(parts["CN"]),
            "staff" => new CertificateHolder.Staff(parts["CN"], (StaffRoles)int.Parse(words[1])),
            _ => null,
        };
    }

    public byte[] SignAcknowledgement(ReadOnlySpan<byte> message) => _acknowledgement.Sign(message);

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _acknowledgement.Dispose();
    }

    private static string TerminalName(TerminalId terminal, MerchantId merchant, OutletId outlet) => $"CN={terminal}, OU=terminal {merchant} {outlet}";

    private static bool TryLoad(ReadOnlyMemory<byte> request, out CertificateRequest? loaded)
    {
        loaded = null;
        try
        {
            loaded = CertificateRequest.LoadSigningRequest(request.Span, HashAlgorithmName.SHA256, out _);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    private X509Certificate2 Client(string subject, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return WithKey(Sign(new CertificateRequest(subject, key, HashAlgorithmName.SHA256), ClientAuthentication, notAfter.AddDays(-60), notAfter), key);
    }

    private X509Certificate2 Authority(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, until) = (_now.AddYears(-1), _now.AddYears(1));
        return issuer is null ? request.CreateSelfSigned(from, until) : request.Create(issuer, from.AddDays(1), until.AddDays(-1), NextSerial()).CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request, string usage, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        return request.Create(_intermediate, notBefore, notAfter, NextSerial());
    }

    private byte[] NextSerial() => [0x01, 0x00, (byte)Interlocked.Increment(ref _serial)];

    // TLS wants a key that is not ephemeral: through PKCS#12 and back.
    private static X509Certificate2 WithKey(X509Certificate2 certificate, ECDsa key)
    {
        using (certificate)
        using (var both = certificate.CopyWithPrivateKey(key))
            return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), password: null);
    }
}
