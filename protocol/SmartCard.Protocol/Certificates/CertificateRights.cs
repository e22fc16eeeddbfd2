using System.Buffers.Binary;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Certificates;

/// <summary>What the key in a certificate is for. One role, one purpose. The numbers are on the wire.</summary>
public enum CertificateRole : byte
{
    None = 0,

    /// <summary>The offline root: certifies the two authorities and nothing else.</summary>
    Root = 1,

    /// <summary>Certifies terminals. Its public key is KID 10 on every card.</summary>
    TerminalAuthority = 2,

    /// <summary>A terminal's card-facing key, for key agreement.</summary>
    Terminal = 3,

    /// <summary>Certifies cards.</summary>
    CardAuthority = 4,

    /// <summary>A card's SCP11 key, KID 11.</summary>
    CardKeyAgreement = 5,

    /// <summary>The key that signs a card's transaction records.</summary>
    CardSignature = 6,
}

/// <summary>What a terminal may ask of a card. Zero for every other role.</summary>
[Flags]
public enum TerminalOperations : byte
{
    None = 0x00,
    OnlineDraw = 0x01,
    OfflineDraw = 0x02,
    RelayScript = 0x04,
    ReadLog = 0x08,
    All = OnlineDraw | OfflineDraw | RelayScript | ReadLog,
}

/// <summary>
/// Tag 7F4C: role and limits, eight bytes in 53: role 1 | operations 1 | programmes 2 | most that the citizen may be asked to pay in one draw 4, minor units.
/// </summary>
/// <param name="Programmes">Bit n-1 stands for programme n, 1 to 16.</param>
public readonly record struct CertificateRights(
    CertificateRole Role, TerminalOperations Operations = TerminalOperations.None, ushort Programmes = 0, uint AmountMinorMax = 0)
{
    public const int EncodedLength = 8;

    public static CertificateRights Terminal(TerminalOperations operations, uint amountMinorMax, params ReadOnlySpan<ProgrammeCode> programmes)
    {
        var mask = 0;
        foreach (var programme in programmes)
            mask |= MaskOf(programme) is var bit and not 0 ? bit : throw new ArgumentOutOfRangeException(nameof(programmes), programme.Value, "Programmes 1 to 16 fit a certificate.");
        return new(CertificateRole.Terminal, operations, (ushort)mask, amountMinorMax);
    }

    public bool Allows(ProgrammeCode programme) => (Programmes & MaskOf(programme)) != 0;

    public bool Allows(TerminalOperations operation) => (Operations & operation) == operation;

    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out CertificateRights rights)
    {
        rights = default;
        if (bytes.Length != EncodedLength)
            return false;
        rights = new(
            (CertificateRole)bytes[0],
            (TerminalOperations)bytes[1],
            BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
        var known = rights.Role is > CertificateRole.None and <= CertificateRole.CardSignature
            && (rights.Operations & ~TerminalOperations.All) == TerminalOperations.None;
        return known && (rights.Role == CertificateRole.Terminal || rights == new CertificateRights(rights.Role));
    }

    internal void Encode(Span<byte> destination)
    {
        destination[0] = (byte)Role;
        destination[1] = (byte)Operations;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Programmes);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], AmountMinorMax);
    }

    private static int MaskOf(ProgrammeCode programme) => programme.Value is >= 1 and <= 16 ? 1 << (programme.Value - 1) : 0;
}

public static class CertificateRoles
{
    /// <summary>
    /// Which authority gives a role: root to authorities and to itself, an authority to its end entities and, in a link certificate, to its own next key.
    /// </summary>
    public static bool MayIssue(this CertificateRole issuer, CertificateRole subject) => (issuer, subject) switch
    {
        (CertificateRole.Root, CertificateRole.Root or CertificateRole.TerminalAuthority or CertificateRole.CardAuthority) => true,
        (CertificateRole.TerminalAuthority, CertificateRole.TerminalAuthority or CertificateRole.Terminal) => true,
        (CertificateRole.CardAuthority, CertificateRole.CardAuthority or CertificateRole.CardKeyAgreement or CertificateRole.CardSignature) => true,
        _ => false,
    };

    /// <summary>True when the role's key agrees on keys, false when it signs.</summary>
    public static bool AgreesOnKeys(this CertificateRole role) => role is CertificateRole.Terminal or CertificateRole.CardKeyAgreement;
}
