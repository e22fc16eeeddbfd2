using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>What the client certificate of a connection is worth.</summary>
internal abstract record CertificateVerdict
{
    /// <param name="NotBefore">From when the whole chain holds.</param>
    /// <param name="NotAfter">Until when the whole chain holds.</param>
    public sealed record Genuine(CertificateHolder Holder, string SerialNumber, DateTimeOffset NotBefore, DateTimeOffset NotAfter) : CertificateVerdict;

    public sealed record Refused(RefusalReason Reason, string NextStep) : CertificateVerdict;
}

/// <summary>
/// Examines client certificates against this system's own root and nothing else: not the machine's trust store, not the network. TLS
/// lets every certificate in, so that the refusal can say why. A chain is built once a connection; its dates are looked at in every call.
/// </summary>
internal sealed class CallerCertificates(ICertificateAuthority authority, TimeProvider time) : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly CertificateVerdict.Refused Missing = new(RefusalReason.CertificateMissing, "Connect with the client certificate that enrolment gave.");
    private static readonly CertificateVerdict.Refused Unknown = new(RefusalReason.CertificateUnknown, "Connect with a client certificate that this system issued.");
    private static readonly CertificateVerdict.Refused Expired = new(RefusalReason.CertificateExpired, "Enrol again with a new activation code.");
    private static readonly CertificateVerdict.Refused NotYet = new(RefusalReason.CertificateExpired, "The certificate holds from a later time: check the clocks.");

    private readonly X509Certificate2 _root = X509CertificateLoader.LoadCertificate(authority.RootCertificate.Span);
    private readonly X509Certificate2Collection _intermediates = [.. authority.IntermediateCertificates.Select(der => X509CertificateLoader.LoadCertificate(der.Span))];

    public CertificateVerdict Examine(HttpContext http)
    {
        if (http.Connection.ClientCertificate is not { } certificate)
            return Missing;
        var verdict = OncePerConnection(http, certificate);
        if (verdict is not CertificateVerdict.Genuine genuine)
            return verdict;
        var now = time.GetUtcNow();
        if (now > genuine.NotAfter)
            return Expired;
        return now < genuine.NotBefore ? NotYet : genuine;
    }

    public void Dispose()
    {
        _root.Dispose();
        foreach (var certificate in _intermediates)
            certificate.Dispose();
    }

    private CertificateVerdict OncePerConnection(HttpContext http, X509Certificate2 certificate)
    {
        var items = http.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        if (items.TryGetValue(typeof(CertificateVerdict), out var known))
            return (CertificateVerdict)known!;
        var verdict = Build(certificate);
        // Two first calls of a connection may both come here; they find the same.
        lock (items)
            items[typeof(CertificateVerdict)] = verdict;
        return verdict;
    }

    private CertificateVerdict Build(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_root);
        chain.ChainPolicy.ExtraStore.AddRange(_intermediates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // by serial number instead, in every call
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid; // judged in every call
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        try
        {
            if (!chain.Build(certificate) || authority.HolderOf(certificate) is not { } holder)
                return Unknown;
            return new CertificateVerdict.Genuine(
                holder,
                certificate.SerialNumber,
                chain.ChainElements.Max(element => Utc(element.Certificate.NotBefore)),
                chain.ChainElements.Min(element => Utc(element.Certificate.NotAfter)));
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
        }
    }

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());
}
