using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// NIST SP 800-108 key derivation in counter mode over AES-CMAC, in the block layout of GlobalPlatform Amendment D, 4.1.5:
/// label (12) | 00 | L (2, bits) | i (1) | context. Every derivation in this product uses this one layout.
/// </summary>
public static class Sp800108Cmac
{
    public const int LabelLength = 12;
    public const int ContextBytesMax = 32;

    private const int PrefixLength = LabelLength + 4;

    /// <summary>Fills <paramref name="destination"/>, 1 to 4,080 bytes. Lengths outside the layout are a caller's bug.</summary>
    public static void Derive(AesCmac key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(label.Length, LabelLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, ContextBytesMax);
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, byte.MaxValue * AesCmac.MacLength);

        Span<byte> block = stackalloc byte[PrefixLength + ContextBytesMax];
        block = block[..(PrefixLength + context.Length)];
        label.CopyTo(block);
        block[LabelLength] = 0x00;
        BinaryPrimitives.WriteUInt16BigEndian(block[(LabelLength + 1)..], (ushort)(destination.Length * 8));
        context.CopyTo(block[PrefixLength..]);

        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        for (byte i = 1; !destination.IsEmpty; i++)
        {
            block[PrefixLength - 1] = i;
            key.Compute(block, mac);
            var take = Math.Min(mac.Length, destination.Length);
            mac[..take].CopyTo(destination);
            destination = destination[take..];
        }

        CryptographicOperations.ZeroMemory(mac);
    }

    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        using var cmac = new AesCmac(key);
        Derive(cmac, label, context, destination);
    }
}
