using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>
/// The gRPC channel to the backend: HTTP/2 over TLS, kept warm. The server has to show a certificate for its name that leads to the one root the
/// terminal was enrolled under; what the machine trusts besides does not count.
/// </summary>
internal static class BackendChannel
{
    /// <summary>64 KiB: the contract's bound on a message.</summary>
    private const int MessageBytesMax = 64 * 1024;

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <param name="identity">Null for enrolment, which has no client certificate yet.</param>
    /// <param name="wrap">Puts another handler around the connection, such as one that counts or delays; null for none.</param>
    public static GrpcChannel Open(
        Uri address, X509Certificate2 root, TerminalIdentity? identity, TimeProvider time, Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        if (address.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException($"The backend is reached over TLS: '{address}' has to begin with https.", nameof(address));
        var intermediates = identity?.Chain ?? [];
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, sent, errors) => IsTrusted(certificate, sent, errors, root, intermediates, time),
                ClientCertificateContext = identity is null
                    ? null
                    : SslStreamCertificateContext.Create(identity.TlsCertificate, identity.Chain, offline: true),
            },
        };
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = wrap is null ? handler : wrap(handler),
            DisposeHttpClient = true,
            MaxSendMessageSize = MessageBytesMax,
        });
    }

    private static bool IsTrusted(
        X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2 root, X509Certificate2Collection known, TimeProvider time)
    {
        if (certificate is not X509Certificate2 leaf
            || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.Add(root);
        policy.RevocationMode = X509RevocationMode.NoCheck; // a private authority: it revokes by not renewing
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(ServerAuthentication);
        policy.VerificationTime = time.GetUtcNow().UtcDateTime;
        policy.ExtraStore.AddRange(known);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            policy.ExtraStore.Add(element.Certificate);
        return chain.Build(leaf);
    }
}
