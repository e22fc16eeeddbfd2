using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Personalisation;

/// <summary>What a bureau loads into one blank card. Keys are this card's own, derived from the masters, never the masters. Wiped when disposed.</summary>
public sealed class CardPersonalisationData : IDisposable
{
    public required CardNumber Number { get; init; }

    /// <summary>16 bytes each: the SCP03 keys that replace the blank card's.</summary>
    public required byte[] Enc { get; init; }
    public required byte[] Mac { get; init; }
    public required byte[] Dek { get; init; }

    /// <summary>16 bytes, purpose <see cref="Cryptography.CardKeyPurpose.Cryptogram"/>.</summary>
    public required byte[] CryptogramKey { get; init; }

    /// <summary>16 bytes, purpose <see cref="Cryptography.CardKeyPurpose.ScriptMac"/>.</summary>
    public required byte[] ScriptKey { get; init; }

    /// <summary>65 bytes: the authority whose terminals the card accepts, KID 10.</summary>
    public required ReadOnlyMemory<byte> TerminalAuthorityPoint { get; init; }

    /// <summary>Its name, compared with tag 42 of a terminal's certificate; empty when only the key is known.</summary>
    public HolderReference TerminalAuthority { get; init; }

    /// <summary>4 to 12 digits.</summary>
    public required string Pin { get; init; }

    /// <summary>8 digits.</summary>
    public required string Puk { get; init; }
    public required CardRiskLimits RiskLimits { get; init; }
    public required CardApplicationData ApplicationData { get; init; }

    public void Dispose()
    {
        foreach (var key in (byte[][])[Enc, Mac, Dek, CryptogramKey, ScriptKey])
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
    }
}

/// <summary>The two public keys that a card made for itself, 65 bytes each.</summary>
public sealed record CardPublicKeys(ReadOnlyMemory<byte> KeyAgreementPoint, ReadOnlyMemory<byte> SignaturePoint);

/// <summary>Card-verifiable certificates over them, as encoded; at most 239 bytes each.</summary>
public sealed record CardCertificates(ReadOnlyMemory<byte> KeyAgreement, ReadOnlyMemory<byte> Signature);

/// <summary>Asks the card authority for certificates.</summary>
public delegate CardCertificates CertifyCard(CardNumber number, CardPublicKeys keys);
