using System.Security.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>The four AES-128 keys of one session. Wiped when disposed.</summary>
public sealed class SessionKeys : IDisposable
{
    public const int KeyLength = 16;

    private readonly byte[] _keys = new byte[4 * KeyLength];

    /// <exception cref="ArgumentException">A key has not 16 bytes.</exception>
    public SessionKeys(ReadOnlySpan<byte> enc, ReadOnlySpan<byte> mac, ReadOnlySpan<byte> rmac, ReadOnlySpan<byte> dek)
    {
        Store(enc, 0);
        Store(mac, 1);
        Store(rmac, 2);
        Store(dek, 3);
    }

    public ReadOnlySpan<byte> Enc => _keys.AsSpan(0, KeyLength);

    public ReadOnlySpan<byte> Mac => _keys.AsSpan(KeyLength, KeyLength);

    public ReadOnlySpan<byte> Rmac => _keys.AsSpan(2 * KeyLength, KeyLength);

    /// <summary>Encrypts keys and other secrets inside commands, below secure messaging.</summary>
    public ReadOnlySpan<byte> Dek => _keys.AsSpan(3 * KeyLength, KeyLength);

    public void Dispose() => CryptographicOperations.ZeroMemory(_keys);

    private void Store(ReadOnlySpan<byte> key, int index)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException($"A session key has {KeyLength} bytes, not {key.Length}.");
        key.CopyTo(_keys.AsSpan(index * KeyLength));
    }
}
