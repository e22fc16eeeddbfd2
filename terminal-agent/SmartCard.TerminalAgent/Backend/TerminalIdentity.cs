using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>
/// Who this terminal is: two key pairs, one for the line and one for cards, with their certificates. Kept in one file of the terminal's
/// folder that only its owner may read, and replaced as a whole, so that keys and certificates always belong together.
/// </summary>
public sealed class TerminalIdentity : IDisposable
{
    private const string FileName = "identity.json";

    private TerminalIdentity(StoredIdentity stored, X509Certificate2 tlsCertificate, X509Certificate2Collection chain, EcKeyPair cardKey, CardVerifiableCertificate cardCertificate)
    {
        Terminal = TerminalId.Parse(stored.Terminal);
        Backend = stored.Backend;
        TlsCertificate = tlsCertificate;
        Chain = chain;
        CardKey = cardKey;
        CardCertificate = cardCertificate;
        NotAfter = DateTimeOffset.FromUnixTimeSeconds(stored.NotAfterUnixSeconds);
        NotBefore = new DateTimeOffset(tlsCertificate.NotBefore.ToUniversalTime(), TimeSpan.Zero);
    }

    public TerminalId Terminal { get; }

    /// <summary>Where the backend that enrolled it answers.</summary>
    public Uri Backend { get; }

    /// <summary>With its private key.</summary>
    public X509Certificate2 TlsCertificate { get; }

    /// <summary>Issuer first, root last: the one root that a server's certificate may lead to.</summary>
    public X509Certificate2Collection Chain { get; }
    public EcKeyPair CardKey { get; }
    public CardVerifiableCertificate CardCertificate { get; }
    public DateTimeOffset NotBefore { get; }

    /// <summary>End of both certificates.</summary>
    public DateTimeOffset NotAfter { get; }

    public X509Certificate2 Root => Chain[^1];

    /// <summary>Time to renew: a third of the certificates' life or less is left.</summary>
    public bool IsRenewalDue(DateTimeOffset now) => NotAfter - now <= (NotAfter - NotBefore) / 3;

    /// <summary>Null where the folder holds none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static TerminalIdentity? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            var stored = JsonSerializer.Deserialize(File.ReadAllBytes(path), IdentityJson.Default.StoredIdentity);
            if (stored is null || !TryOpen(stored, out var identity))
                throw new InvalidDataException($"'{path}' does not hold a terminal's identity. Enrol the terminal again.");
            return identity;
        }
        catch (JsonException damage)
        {
            throw new InvalidDataException($"'{path}' is damaged. Enrol the terminal again.", damage);
        }
        catch (CryptographicException damage)
        {
            throw new InvalidDataException($"A key or certificate in '{path}' is damaged. Enrol the terminal again.", damage);
        }
    }

    /// <summary>Stores it in the folder in place of any other, at once or not at all.</summary>
    internal static void Save(string folder, StoredIdentity stored) =>
        OwnerOnlyFile.Replace(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(stored, IdentityJson.Default.StoredIdentity));

    internal static bool TryOpen(StoredIdentity stored, [NotNullWhen(true)] out TerminalIdentity? identity)
    {
        identity = null;
        if (!TerminalId.TryParse(stored.Terminal, out _)
            || stored.TlsChain.Length == 0
            || !CardVerifiableCertificate.TryDecode(stored.CardCertificate, out var cardCertificate, out _))
            return false;
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(stored.TlsKey, out _);
        using var bare = X509CertificateLoader.LoadCertificate(stored.TlsCertificate);
        var tlsCertificate = bare.CopyWithPrivateKey(key);
        if (OperatingSystem.IsWindows())
        {
            // Schannel does not take a key that lives in memory only.
            using var ephemeral = tlsCertificate;
            tlsCertificate = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        }

        var chain = new X509Certificate2Collection();
        foreach (var certificate in stored.TlsChain)
            chain.Add(X509CertificateLoader.LoadCertificate(certificate));
        var cardKey = EcKeyPair.ImportPkcs8(stored.CardKey);
        if (!cardKey.PublicPoint.SequenceEqual(cardCertificate.PublicPoint.Span))
        {
            cardKey.Dispose();
            return false;
        }

        identity = new TerminalIdentity(stored, tlsCertificate, chain, cardKey, cardCertificate);
        return true;
    }

    public void Dispose()
    {
        TlsCertificate.Dispose();
        foreach (var certificate in Chain)
            certificate.Dispose();
        CardKey.Dispose();
    }
}
