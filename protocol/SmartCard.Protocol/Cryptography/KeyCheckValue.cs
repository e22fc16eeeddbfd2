using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>Three bytes that tell one AES key from another without telling the key: AES(key, 16 bytes 01) cut (GP Amendment D, 4.1.4).</summary>
public static class KeyCheckValue
{
    public const int Length = 3;

    public static byte[] Compute(ReadOnlySpan<byte> key)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        Span<byte> block = stackalloc byte[16];
        block.Fill(0x01);
        aes.EncryptEcb(block, block, PaddingMode.None);
        return block[..Length].ToArray();
    }
}
