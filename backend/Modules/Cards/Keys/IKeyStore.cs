using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Keys;

/// <summary>Keys that sign. One purpose each (NIST SP 800-57, 5.2).</summary>
internal enum SigningKey
{
    /// <summary>Certifies the two card-verifiable authorities; offline in production.</summary>
    CardVerifiableRoot = 1,

    /// <summary>Certifies terminals' card-facing keys: KID 10 on every card.</summary>
    TerminalAuthority,

    /// <summary>Certifies cards.</summary>
    CardAuthority,

    /// <summary>Certifies the three X.509 authorities; offline in production.</summary>
    TlsRoot,

    /// <summary>Certifies terminals' TLS keys.</summary>
    TlsTerminalAuthority,

    /// <summary>Certifies staff's TLS keys.</summary>
    TlsStaffAuthority,

    /// <summary>Certifies this server's TLS key.</summary>
    TlsServerAuthority,

    /// <summary>Signs acknowledgements to terminals.</summary>
    Acknowledgement,
}

/// <summary>
/// Where the issuer's masters and the authorities' keys are: asked for results, never for keys, so that an HSM can stand behind it.
/// Safe for all threads.
/// </summary>
internal interface IKeyStore
{
    /// <summary>A card's key, 16 bytes, from the issuer's master of this purpose and version.</summary>
    void DeriveCardKey(CardKeyPurpose purpose, CardNumber card, byte masterVersion, Span<byte> destination);

    /// <summary>ECDSA P-256 with SHA-256: 64 bytes r|s.</summary>
    byte[] Sign(SigningKey key, ReadOnlySpan<byte> data);

    /// <summary>65 bytes, uncompressed.</summary>
    ReadOnlyMemory<byte> PublicPoint(SigningKey key);
}
