using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using SmartCard.Backend.Cards.Contracts;

namespace SmartCard.Demo.World;

/// <summary>A gRPC channel of ministry staff or of the bureau: a key of their own, a certificate with their roles, the system's root and no other.</summary>
internal sealed class StaffConnection : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _root;

    private StaffConnection(Uri backend, X509Certificate2 certificate, X509Certificate2 root, TimeProvider time)
    {
        _certificate = certificate;
        _root = root;
        Channel = GrpcChannel.ForAddress(backend, new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificates = [_certificate],
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { _root },
                        RevocationMode = X509RevocationMode.NoCheck, // a private authority: it revokes by not renewing
                        DisableCertificateDownloads = true,
                        VerificationTime = time.GetUtcNow().UtcDateTime,
                    },
                },
            },
        });
    }

    public GrpcChannel Channel { get; }

    public static StaffConnection Open(Uri backend, ICertificateAuthority authority, string name, StaffRoles roles, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        if (authority.CertifyStaff(name, roles, request) is not StaffCertificationOutcome.Certified certified)
            throw new InvalidOperationException("The certificate authority refused a certificate for staff.");
        using var withoutKey = X509CertificateLoader.LoadCertificate(certified.TlsCertificate.Span);
        return new StaffConnection(backend, withoutKey.CopyWithPrivateKey(key), X509CertificateLoader.LoadCertificate(authority.RootCertificate.Span), time);
    }

    public void Dispose()
    {
        Channel.Dispose();
        _certificate.Dispose();
        _root.Dispose();
    }
}
