using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Cardctl;

/// <summary>Reads the key of the authority whose terminals a card accepts, out of PEM: an X.509 certificate or a public key.</summary>
internal static class TrustAnchor
{
    public static EcPublicKey Read(string path)
    {
        var pem = ReadText(path);
        if (!PemEncoding.TryFind(pem, out var fields))
            throw new CardctlException(ExitCode.File, $"{path}: no PEM text in it. It must hold a CERTIFICATE or a PUBLIC KEY.");
        var der = Convert.FromBase64String(pem[fields.Base64Data]);
        var label = pem[fields.Label];
        var key = label switch
        {
            "CERTIFICATE" => FromCertificate(der),
            "PUBLIC KEY" => EcPublicKey.TryFromSubjectPublicKeyInfo(der, out var read) ? read : null,
            _ => throw new CardctlException(ExitCode.File, $"{path}: it holds a {label}. It must hold a CERTIFICATE or a PUBLIC KEY."),
        };
        return key ?? throw new CardctlException(ExitCode.File, $"{path}: its key is not one of curve P-256.");
    }

    private static EcPublicKey? FromCertificate(byte[] der)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return EcPublicKey.TryFromSubjectPublicKeyInfo(certificate.PublicKey.ExportSubjectPublicKeyInfo(), out var key) ? key : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CardctlException(ExitCode.File, $"{path}: it cannot be read.");
        }
    }
}
