using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>The key derivation function of ANSI X9.63 (SEC 1, 3.6.1; BSI TR-03111, 4.3.3) with SHA-256.</summary>
public static class X963Kdf
{
    /// <summary>Fills <paramref name="destination"/> with SHA-256(Z | counter, 4 bytes from 1 | SharedInfo), block after block.</summary>
    public static void Derive(ReadOnlySpan<byte> z, ReadOnlySpan<byte> sharedInfo, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> counterBytes = stackalloc byte[sizeof(uint)];
        Span<byte> block = stackalloc byte[SHA256.HashSizeInBytes];
        for (var counter = 1u; !destination.IsEmpty; counter++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counterBytes, counter);
            hash.AppendData(z);
            hash.AppendData(counterBytes);
            hash.AppendData(sharedInfo);
            hash.GetHashAndReset(block);
            var take = Math.Min(block.Length, destination.Length);
            block[..take].CopyTo(destination);
            destination = destination[take..];
        }

        CryptographicOperations.ZeroMemory(block);
    }

    public static byte[] Derive(ReadOnlySpan<byte> z, ReadOnlySpan<byte> sharedInfo, int length)
    {
        var key = new byte[length];
        Derive(z, sharedInfo, key);
        return key;
    }
}
