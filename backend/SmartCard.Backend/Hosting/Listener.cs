using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Cards.Contracts;

namespace SmartCard.Backend.Hosting;

/// <summary>Kestrel: HTTP/2 alone, and how much of it one caller may use.</summary>
internal sealed class Listener(IOptions<ServerOptions> options) : IConfigureOptions<KestrelServerOptions>
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
            // Asked for at the first handshake: Kestrel is configured before modules have their tables and keys.
            var tls = kestrel.ApplicationServices.GetRequiredService<Lazy<ServerTls>>();
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(10),
                OnConnection = _ => ValueTask.FromResult(tls.Value.Options),
            });
        });
    }
}

/// <summary>
/// TLS 1.2 or 1.3 under this system's own certificate. A client certificate is asked for but not insisted on, and any is let in: enrolment
/// and health come without, and everything else is examined by <see cref="Calls.CallerCheck"/>, which can say what is wrong.
/// </summary>
internal sealed class ServerTls(IOptions<ServerOptions> options, ICertificateAuthority authority)
{
    public SslServerAuthenticationOptions Options { get; } = new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(
            authority.ServerCertificate(options.Value.NameList),
            [.. authority.IntermediateCertificates.Select(der => X509CertificateLoader.LoadCertificate(der.Span))],
            offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = true, // the server's word for asking
#pragma warning disable CA5359 // the rule means clients that accept any server; here CallerCheck examines the certificate in every call
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        CertificateChainPolicy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        },
    };
}
