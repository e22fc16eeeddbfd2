using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Platform.Secrets;

namespace SmartCard.Backend.Cards.Certificates;

/// <summary>
/// The X.509 side: one root, and under it an authority each for terminals, for staff and for this server, so that none of them can name
/// what is another's to name. Certificates are made at first run and kept under the data folder.
/// </summary>
internal sealed class TlsAuthorities
{
    private const int RootYears = 20;
    private const int AuthorityYears = 15;
    private const int ServerDays = 180;
    private const int ServerRenewalDays = 30;
    private const string ServerFile = "server.pem";

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    // A machine whose clock is a little behind may use a fresh certificate.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly IKeyStore _keys;
    private readonly ISecretStore _secrets;
    private readonly DataFolder _folder;
    private readonly TimeProvider _time;

    public TlsAuthorities(IKeyStore keys, ISecretStore secrets, DataFolder data, TimeProvider time)
    {
        (_keys, _secrets, _folder, _time) = (keys, secrets, data.Folder(PkiFolder.Name), time);
        Root = Load("root.pem", SigningKey.TlsRoot, () => CreateRoot("CN=Subsidy root 1"));
        TerminalAuthority = Load("terminal-authority.pem", SigningKey.TlsTerminalAuthority, () => CreateAuthority("CN=Subsidy terminals 1", SigningKey.TlsTerminalAuthority, ClientAuthentication));
        StaffAuthority = Load("staff-authority.pem", SigningKey.TlsStaffAuthority, () => CreateAuthority("CN=Subsidy staff 1", SigningKey.TlsStaffAuthority, ClientAuthentication));
        ServerAuthority = Load("server-authority.pem", SigningKey.TlsServerAuthority, () => CreateAuthority("CN=Subsidy servers 1", SigningKey.TlsServerAuthority, ServerAuthentication));
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 TerminalAuthority { get; }

    public X509Certificate2 StaffAuthority { get; }

    public X509Certificate2 ServerAuthority { get; }

    public X509Certificate2 CertifyTerminal(string commonName, Uri holder, PublicKey key, DateTimeOffset notAfter) =>
        CertifyClient(TerminalAuthority, SigningKey.TlsTerminalAuthority, commonName, holder, key, notAfter);

    public X509Certificate2 CertifyStaff(string commonName, Uri holder, PublicKey key, DateTimeOffset notAfter) =>
        CertifyClient(StaffAuthority, SigningKey.TlsStaffAuthority, commonName, holder, key, notAfter);

    /// <summary>With its private key, which TLS needs in this process. Made again where the names are others or a month is left.</summary>
    public X509Certificate2 Server(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            throw new ArgumentException("A server's certificate has at least one name.", nameof(names));
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(_secrets.GetOrCreate("cards-tls-server", NewServerKey), out _);
        var certificate = LoadServer(names, key);
        if (certificate is null)
        {
            certificate = CreateServer(names, key);
            _folder.Replace(ServerFile, Pem(certificate));
        }
        using (certificate)
            return certificate.CopyWithPrivateKey(key);
    }

    private X509Certificate2 CertifyClient(X509Certificate2 authority, SigningKey signer, string commonName, Uri holder, PublicKey key, DateTimeOffset notAfter)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(holder);
        var request = EndEntity(commonName, key, ClientAuthentication);
        request.CertificateExtensions.Add(names.Build());
        return Sign(request, authority, signer, notAfter);
    }

    private X509Certificate2? LoadServer(IReadOnlyList<string> names, ECDsa key)
    {
        if (!File.Exists(_folder.PathOf(ServerFile)))
            return null;
        var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(_folder.PathOf(ServerFile)));
        var alternative = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SingleOrDefault();
        var stated = alternative?.EnumerateDnsNames().Concat(alternative.EnumerateIPAddresses().Select(address => address.ToString())) ?? [];
        var holds = stated.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names)
            && certificate.NotAfter.ToUniversalTime() > _time.GetUtcNow().AddDays(ServerRenewalDays).UtcDateTime
            && certificate.NotBefore.ToUniversalTime() <= _time.GetUtcNow().UtcDateTime
            && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())
            && certificate.IssuerName.RawData.AsSpan().SequenceEqual(ServerAuthority.SubjectName.RawData);
        if (holds)
            return certificate;
        certificate.Dispose();
        return null;
    }

    private X509Certificate2 CreateServer(IReadOnlyList<string> names, ECDsa key)
    {
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternative.AddIpAddress(address);
            else
                alternative.AddDnsName(name);
        }
        var request = EndEntity(names[0], new PublicKey(key), ServerAuthentication);
        request.CertificateExtensions.Add(alternative.Build());
        return Sign(request, ServerAuthority, SigningKey.TlsServerAuthority, _time.GetUtcNow().AddDays(ServerDays));
    }

    private static CertificateRequest EndEntity(string commonName, PublicKey key, Oid usage)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], critical: false));
        return request;
    }

    private X509Certificate2 CreateRoot(string subject)
    {
        var request = Authority(subject, SigningKey.TlsRoot, pathLength: 1);
        var now = _time.GetUtcNow() - ClockTolerance;
        return request.Create(new X500DistinguishedName(subject), new KeyStoreSignatureGenerator(_keys, SigningKey.TlsRoot), now, now.AddYears(RootYears), NewSerial());
    }

    private X509Certificate2 CreateAuthority(string subject, SigningKey key, Oid usage)
    {
        var request = Authority(subject, key, pathLength: 0);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], critical: false));
        return Sign(request, Root, SigningKey.TlsRoot, _time.GetUtcNow().AddYears(AuthorityYears));
    }

    private CertificateRequest Authority(string subject, SigningKey key, int pathLength)
    {
        var request = new CertificateRequest(new X500DistinguishedName(subject), new KeyStoreSignatureGenerator(_keys, key).PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLength, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, X509Certificate2 authority, SigningKey signer, DateTimeOffset notAfter)
    {
        var identifier = authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single();
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        var authorityEnd = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        return request.Create(
            authority.SubjectName, new KeyStoreSignatureGenerator(_keys, signer), _time.GetUtcNow() - ClockTolerance, notAfter < authorityEnd ? notAfter : authorityEnd, NewSerial());
    }

    private X509Certificate2 Load(string file, SigningKey key, Func<X509Certificate2> create)
    {
        var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(_folder.GetOrCreate(file, () =>
        {
            using var created = create();
            return Pem(created);
        })));
        return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(new KeyStoreSignatureGenerator(_keys, key).PublicKey.ExportSubjectPublicKeyInfo())
            ? certificate
            : throw new InvalidDataException(PkiFolder.DoesNotFit(_folder.PathOf(file)));
    }

    private static byte[] Pem(X509Certificate2 certificate) => Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");

    private static byte[] NewServerKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>Positive, 16 bytes, nearly all of them random (RFC 5280, 4.1.2.2).</summary>
    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
