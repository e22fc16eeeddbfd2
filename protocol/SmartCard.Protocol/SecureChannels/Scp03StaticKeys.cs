using System.Security.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>A card's three long-lived SCP03 keys, AES-128. Wiped when disposed.</summary>
public sealed class Scp03StaticKeys : IDisposable
{
    public const int KeyLength = SessionKeys.KeyLength;

    private readonly byte[] _enc;
    private readonly byte[] _mac;
    private readonly byte[] _dek;

    /// <exception cref="ArgumentException">A key has not 16 bytes.</exception>
    public Scp03StaticKeys(ReadOnlySpan<byte> enc, ReadOnlySpan<byte> mac, ReadOnlySpan<byte> dek)
    {
        if (enc.Length != KeyLength || mac.Length != KeyLength || dek.Length != KeyLength)
            throw new ArgumentException("SCP03 static keys have 16 bytes each.");
        _enc = enc.ToArray();
        _mac = mac.ToArray();
        _dek = dek.ToArray();
    }

    public ReadOnlySpan<byte> Enc => _enc;

    public ReadOnlySpan<byte> Mac => _mac;

    public ReadOnlySpan<byte> Dek => _dek;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_enc);
        CryptographicOperations.ZeroMemory(_mac);
        CryptographicOperations.ZeroMemory(_dek);
    }
}
