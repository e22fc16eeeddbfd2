using SmartCard.Protocol.Certificates;

namespace SmartCard.CardOs.Security;

/// <summary>
/// The keys as they lie in memory. On a chip these never leave it; no command reads them, and neither does anything outside this assembly.
/// Empty where none was loaded.
/// </summary>
internal sealed record CardKeys
{
    public required byte Scp03Version { get; init; }
    public required ReadOnlyMemory<byte> Enc { get; init; }
    public required ReadOnlyMemory<byte> Mac { get; init; }
    public required ReadOnlyMemory<byte> Dek { get; init; }

    /// <summary>Of the last card challenge; each handshake takes the next (GP Amendment D, 6.2.2.1).</summary>
    public uint Scp03Sequence { get; init; }

    public HolderReference TerminalAuthority { get; init; }

    /// <summary>65 bytes.</summary>
    public ReadOnlyMemory<byte> TerminalAuthorityPoint { get; init; }

    /// <summary>Private numbers, 32 bytes.</summary>
    public ReadOnlyMemory<byte> KeyAgreementScalar { get; init; }
    public ReadOnlyMemory<byte> SignatureScalar { get; init; }

    /// <summary>16 bytes.</summary>
    public ReadOnlyMemory<byte> CryptogramKey { get; init; }
    public ReadOnlyMemory<byte> ScriptKey { get; init; }

    public bool AreComplete =>
        !TerminalAuthorityPoint.IsEmpty && !KeyAgreementScalar.IsEmpty && !SignatureScalar.IsEmpty && !CryptogramKey.IsEmpty && !ScriptKey.IsEmpty;
}
