using System.Security.Cryptography;

namespace SmartCard.CardOs.Security;

/// <summary>PIN or PUK: a reference block and the tries that are left. Immutable, so that every change of the counter goes through a commit.</summary>
/// <param name="Block">ISO 9564-1 format 2, 8 bytes; empty when none is set.</param>
/// <param name="TriesLeft">0: blocked.</param>
public sealed record SecretCode(ReadOnlyMemory<byte> Block, byte TriesLeft, byte TriesMax)
{
    public const byte PinTriesMax = 3;
    public const byte PukTriesMax = 10;

    public static SecretCode NoPin { get; } = new(default, 0, PinTriesMax);
    public static SecretCode NoPuk { get; } = new(default, 0, PukTriesMax);

    public bool IsBlocked => TriesLeft == 0;

    public SecretCode WithTryTaken() => this with { TriesLeft = (byte)(TriesLeft - 1) };

    public SecretCode WithAllTries() => this with { TriesLeft = TriesMax };

    public SecretCode Replaced(ReadOnlyMemory<byte> block) => this with { Block = block, TriesLeft = TriesMax };

    /// <summary>In fixed time. The caller has taken the try and stored that before.</summary>
    public bool Matches(ReadOnlySpan<byte> block) => !Block.IsEmpty && CryptographicOperations.FixedTimeEquals(Block.Span, block);
}
