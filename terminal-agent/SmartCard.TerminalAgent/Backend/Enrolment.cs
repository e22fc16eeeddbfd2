using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Google.Protobuf;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>What enrolment needs, as it stands on the merchant's letter.</summary>
/// <param name="DataFolder">Where keys, certificates and journal will live.</param>
/// <param name="Root">The ministry's root certificate, handed over with the letter: enrolment trusts no server but one that leads to it.</param>
public sealed record EnrolmentOrder(string DataFolder, Uri Backend, X509Certificate2 Root, TerminalId Terminal, string ActivationCode)
{
    /// <summary>Puts another handler around the connection; null for none.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? WrapHandler { get; init; }
}

/// <summary>How an enrolment or a renewal ended.</summary>
public abstract record EnrolmentOutcome
{
    private EnrolmentOutcome()
    {
    }

    public sealed record Enrolled(DateTimeOffset NotAfter) : EnrolmentOutcome;

    public sealed record Refused(CallRefusal Refusal) : EnrolmentOutcome;

    /// <summary>No answer. Trying again with the same code is safe.</summary>
    public sealed record NoAnswer : EnrolmentOutcome;

    /// <summary>The backend's certificates are not for this terminal's keys, or lead to another root. Nothing was stored.</summary>
    public sealed record BadCertificates(string Fault) : EnrolmentOutcome;
}

/// <summary>
/// Makes two key pairs here, one purpose each (SP 800-57, 5.2), and trades an activation code, or the certificate in force, for certificates over them.
/// Private keys never leave the terminal's folder.
/// </summary>
public static class Enrolment
{
    private const string PendingEnrolment = "identity.pending.json";
    private const string PendingRenewal = "identity.renewal.json";

    public static async Task<EnrolmentOutcome> EnrolAsync(EnrolmentOrder order, TimeProvider time, CancellationToken cancellationToken = default)
    {
        using var channel = BackendChannel.Open(order.Backend, order.Root, identity: null, time, order.WrapHandler);
        return await EnrolAsync(order, new BackendLink(channel.CreateCallInvoker(), new BackendDeadlines()), cancellationToken);
    }

    internal static async Task<EnrolmentOutcome> EnrolAsync(EnrolmentOrder order, BackendLink link, CancellationToken cancellationToken)
    {
        CreateFolder(order.DataFolder);
        var pending = Path.Combine(order.DataFolder, PendingEnrolment);
        var keys = LoadOrMakeKeys(pending, order.Terminal);
        var answer = await link.EnrolAsync(
            new EnrolRequest
            {
                TerminalId = order.Terminal.Value,
                ActivationCode = order.ActivationCode,
                TlsRequest = ByteString.CopyFrom(keys.TlsRequest),
                CardRequest = ByteString.CopyFrom(keys.CardRequest),
            },
            cancellationToken);
        return Take(answer, order.DataFolder, order.Backend, order.Root, keys, pending);
    }

    /// <summary>New keys and certificates for a terminal whose certificate is still good. The identity in memory stays as it is.</summary>
    internal static async Task<EnrolmentOutcome> RenewAsync(string folder, TerminalIdentity identity, BackendLink link, CancellationToken cancellationToken)
    {
        var pending = Path.Combine(folder, PendingRenewal);
        var keys = LoadOrMakeKeys(pending, identity.Terminal);
        var answer = await link.RenewAsync(
            new RenewRequest
            {
                TlsRequest = ByteString.CopyFrom(keys.TlsRequest),
                CardRequest = ByteString.CopyFrom(keys.CardRequest),
            },
            cancellationToken);
        return Take(answer, folder, identity.Backend, identity.Root, keys, pending);
    }

    private static EnrolmentOutcome Take(
        BackendAnswer<EnrolResponse> answer, string folder, Uri backend, X509Certificate2 root, PendingKeys keys, string pending)
    {
        switch (answer)
        {
            case BackendAnswer<EnrolResponse>.Refused refused:
                return new EnrolmentOutcome.Refused(refused.Refusal);
            case BackendAnswer<EnrolResponse>.Answered { Value: var response }:
                var stored = new StoredIdentity
                {
                    Terminal = keys.Terminal,
                    Backend = backend,
                    TlsKey = keys.TlsKey,
                    CardKey = keys.CardKey,
                    TlsCertificate = response.TlsCertificate.ToByteArray(),
                    TlsChain = [.. response.TlsChain.Select(certificate => certificate.ToByteArray())],
                    CardCertificate = response.CardCertificate.ToByteArray(),
                    NotAfterUnixSeconds = response.NotAfterUnixSeconds,
                };
                if (FaultOf(stored, root) is { } fault)
                    return new EnrolmentOutcome.BadCertificates(fault);
                TerminalIdentity.Save(folder, stored);
                File.Delete(pending);
                return new EnrolmentOutcome.Enrolled(DateTimeOffset.FromUnixTimeSeconds(response.NotAfterUnixSeconds));
            default:
                return new EnrolmentOutcome.NoAnswer();
        }
    }

    private static string? FaultOf(StoredIdentity stored, X509Certificate2 root)
    {
        try
        {
            if (!TerminalIdentity.TryOpen(stored, out var identity))
                return "card_certificate";
            using (identity)
            {
                if (!identity.Root.RawDataMemory.Span.SequenceEqual(root.RawDataMemory.Span))
                    return "tls_chain";
                return identity.CardCertificate.Role == CertificateRole.Terminal ? null : "card_certificate";
            }
        }
        catch (CryptographicException)
        {
            return "tls_certificate";
        }
        catch (ArgumentException)
        {
            // It is over another key.
            return "tls_certificate";
        }
    }

    private static PendingKeys LoadOrMakeKeys(string path, TerminalId terminal)
    {
        if (File.Exists(path)
            && JsonSerializer.Deserialize(File.ReadAllBytes(path), IdentityJson.Default.PendingKeys) is { } found
            && found.Terminal == terminal.Value)
            return found;
        using var tls = EcKeyPair.Generate();
        using var card = EcKeyPair.Generate();
        var (tlsKey, cardKey) = (tls.ExportPkcs8(), card.ExportPkcs8());
        var made = new PendingKeys
        {
            Terminal = terminal.Value,
            TlsKey = tlsKey,
            CardKey = cardKey,
            TlsRequest = RequestFor(tlsKey, terminal),
            CardRequest = RequestFor(cardKey, terminal),
        };
        OwnerOnlyFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(made, IdentityJson.Default.PendingKeys));
        return made;
    }

    /// <summary>PKCS #10, signed by the key it is about: proof of possession.</summary>
    private static byte[] RequestFor(byte[] pkcs8, TerminalId terminal)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new CertificateRequest($"CN={terminal}", key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
