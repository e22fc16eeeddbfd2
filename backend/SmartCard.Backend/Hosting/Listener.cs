using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Cards.Contracts;

namespace SmartCard.Backend.Hosting;

/// <summary>Kestrel: HTTP/2 over TLS 1.2 or 1.3, and how much of it one caller may use.</summary>
internal sealed class Listener(IOptions<ServerOptions> options, ICertificateAuthority authority) : IConfigureOptions<KestrelServerOptions>
{
    private const int HeaderBytesMax = 16 * 1024;
    private const int HeaderFieldBytesMax = 8 * 1024;
    private const int StreamsPerConnectionMax = 256;
    private const int WindowBytes = 256 * 1024;

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Value.ConnectionsMax;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = HeaderFieldBytesMax;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        kestrel.Limits.Http2.InitialConnectionWindowSize = WindowBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = WindowBytes;
        // A terminal whose line was cut leaves a connection that never says so.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(options.Value.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(Tls);
        });
    }

    private void Tls(HttpsConnectionAdapterOptions tls)
    {
        tls.ServerCertificate = authority.ServerCertificate(options.Value.NameList);
        tls.ServerCertificateChain = [.. authority.IntermediateCertificates.Select(der => X509CertificateLoader.LoadCertificate(der.Span))];
        tls.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        tls.HandshakeTimeout = TimeSpan.FromSeconds(10);
        // Enrolment and health come without a certificate; everything else is examined by CallerCheck, which can say what is wrong.
        tls.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        tls.AllowAnyClientCertificate();
        tls.OnAuthenticate = (_, session) => session.CertificateChainPolicy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
    }
}
