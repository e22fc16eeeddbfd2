using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Certificates;

/// <summary>Everything that this system certifies, with keys of the key store.</summary>
internal sealed class StoreCertificateAuthority(TlsAuthorities tls, CardAuthorities cards, IKeyStore keys, BusinessCalendar calendar, CardsOptions options) : ICertificateAuthority
{
    /// <summary>Longer than any request over one P-256 key.</summary>
    private const int RequestBytesMax = 2048;

    public ReadOnlyMemory<byte> RootCertificate { get; } = tls.Root.RawData;

    public IReadOnlyList<ReadOnlyMemory<byte>> IntermediateCertificates { get; } =
        [tls.TerminalAuthority.RawData, tls.StaffAuthority.RawData, tls.ServerAuthority.RawData];

    public ReadOnlyMemory<byte> CardAuthorityCertificate => cards.CardAuthorityCertificate.Encoded;

    public ReadOnlyMemory<byte> TerminalAuthorityCertificate => cards.TerminalAuthorityCertificate.Encoded;

    public ReadOnlyMemory<byte> AcknowledgementPublicKey { get; } = keys.PublicPoint(SigningKey.Acknowledgement);

    public byte[] SignAcknowledgement(ReadOnlySpan<byte> message) => keys.Sign(SigningKey.Acknowledgement, message);

    public X509Certificate2 ServerCertificate(IReadOnlyList<string> names) => tls.Server(names);

    public TerminalCertificationOutcome CertifyTerminal(
        TerminalId terminal, MerchantId merchant, OutletId outlet, IReadOnlyList<ProgrammeCode> programmes, ReadOnlyMemory<byte> tlsRequest, ReadOnlyMemory<byte> cardRequest)
    {
        if (!TryReadKey(tlsRequest, out var tlsKey))
            return new TerminalCertificationOutcome.Refused("tls_request", NotARequest);
        if (!TryReadKey(cardRequest, out var cardKey))
            return new TerminalCertificationOutcome.Refused("card_request", NotARequest);
        if (tlsKey.SequenceEqual(cardKey))
            return new TerminalCertificationOutcome.Refused("card_request", "Both requests have the same key: make one for TLS and another for cards");

        // Both end together: the X.509 certificate with the last day of the card-verifiable one.
        var lastDay = calendar.Today.AddDays(options.TerminalCertificateDays);
        var notAfter = calendar.StartOf(lastDay.AddDays(1)).AddSeconds(-1);
        using var certificate = tls.CertifyTerminal(terminal.Value, HolderUri.Of(terminal, merchant, outlet), PublicKeyOf(tlsKey), notAfter);
        var forCards = cards.CertifyTerminal(terminal, cardKey, programmes, lastDay);
        return new TerminalCertificationOutcome.Certified(
            certificate.RawData, [tls.TerminalAuthority.RawData, tls.Root.RawData], forCards.Encoded, certificate.SerialNumber, notAfter);
    }

    public StaffCertificationOutcome CertifyStaff(string name, StaffRoles roles, ReadOnlyMemory<byte> tlsRequest)
    {
        if (!HolderUri.IsStaffName(name))
            return NoName;
        if (roles == StaffRoles.None)
            return new StaffCertificationOutcome.Refused("roles", "Give at least one role");
        return CertifyStaff(name, HolderUri.Of(name, roles), tlsRequest);
    }

    public StaffCertificationOutcome CertifyAggregator(string name, ReadOnlyMemory<byte> tlsRequest) =>
        HolderUri.IsStaffName(name) ? CertifyStaff(name, HolderUri.OfAggregator(name), tlsRequest) : NoName;

    private StaffCertificationOutcome CertifyStaff(string name, Uri holder, ReadOnlyMemory<byte> tlsRequest)
    {
        if (!TryReadKey(tlsRequest, out var key))
            return new StaffCertificationOutcome.Refused("tls_request", NotARequest);
        var notAfter = calendar.UtcNow.AddDays(options.StaffCertificateDays);
        using var certificate = tls.CertifyStaff(name, holder, PublicKeyOf(key), notAfter);
        return new StaffCertificationOutcome.Certified(certificate.RawData, [tls.StaffAuthority.RawData, tls.Root.RawData], certificate.SerialNumber, notAfter);
    }

    public CertificateHolder? HolderOf(X509Certificate2 certificate)
    {
        if (!HolderUri.TryRead(certificate, out var holder))
            return null;
        // An authority names only its own kind: a terminal's cannot make staff.
        var authority = holder is CertificateHolder.Terminal ? tls.TerminalAuthority : tls.StaffAuthority;
        return certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData) ? holder : null;
    }

    private static readonly StaffCertificationOutcome.Refused NoName = new("name", "A name has 1 to 64 letters, digits, dots, hyphens and underscores");

    private const string NotARequest = "Not a PKCS#10 request over a P-256 key, signed by that key with SHA-256";

    /// <summary>The request's key, 65 bytes; false where its own signature does not verify.</summary>
    private static bool TryReadKey(ReadOnlyMemory<byte> request, out byte[] point)
    {
        point = [];
        if (request.Length > RequestBytesMax)
            return false;
        try
        {
            var read = CertificateRequest.LoadSigningRequest(request.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default);
            if (!EcPublicKey.TryFromSubjectPublicKeyInfo(read.PublicKey.ExportSubjectPublicKeyInfo(), out var key))
                return false;
            point = key.ToPoint();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static PublicKey PublicKeyOf(byte[] point) => PublicKey.CreateFromSubjectPublicKeyInfo(EcPublicKey.FromPoint(point).ExportSubjectPublicKeyInfo(), out _);
}
