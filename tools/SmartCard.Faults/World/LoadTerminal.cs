using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Backend;

namespace SmartCard.Faults.World;

/// <summary>An enrolled terminal's line: gRPC over mutual TLS with the terminal's own certificate, through the proxy.</summary>
internal sealed class LoadTerminal : IDisposable
{
    private readonly GrpcChannel _channel;

    public LoadTerminal(Uri address, string folder, bool isBakery)
    {
        IsBakery = isBakery;
        Identity = TerminalIdentity.Load(folder) ?? throw new InvalidOperationException("The terminal was not enrolled.");
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { DisposeHttpClient = true, HttpHandler = Handler(Identity) });
        Client = new Disbursements.DisbursementsClient(_channel);
    }

    public TerminalIdentity Identity { get; }

    /// <summary>Sells bread; else groceries.</summary>
    public bool IsBakery { get; }

    public Disbursements.DisbursementsClient Client { get; }

    public void Dispose()
    {
        _channel.Dispose();
        Identity.Dispose();
    }

    private static SocketsHttpHandler Handler(TerminalIdentity identity)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { identity.Root },
            RevocationMode = X509RevocationMode.NoCheck, // a private authority: it revokes by not renewing
            DisableCertificateDownloads = true,
        };
        policy.ExtraStore.AddRange(identity.Chain);
        return new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(identity.TlsCertificate, identity.Chain, offline: true),
                CertificateChainPolicy = policy,
            },
        };
    }
}
