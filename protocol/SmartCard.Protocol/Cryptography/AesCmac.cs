using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// AES-CMAC (NIST SP 800-38B, RFC 4493) with a 16, 24 or 32-byte key. One instance holds one key and serves many messages, one
/// after another; it is not safe for two threads at once.
/// </summary>
public sealed class AesCmac : IDisposable
{
    public const int MacLength = 16;

    readonly Aes _aes;
    readonly byte[] _subkey1 = new byte[MacLength];
    readonly byte[] _subkey2 = new byte[MacLength];
    readonly byte[] _state = new byte[MacLength];
    readonly byte[] _pending = new byte[MacLength];
    int _pendingLength;

    /// <exception cref="ArgumentException">The key has not 16, 24 or 32 bytes.</exception>
    public AesCmac(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 24 or 32))
            throw new ArgumentException($"An AES key has 16, 24 or 32 bytes, not {key.Length}.", nameof(key));
        _aes = Aes.Create();
        _aes.SetKey(key);

        Span<byte> l = stackalloc byte[MacLength];
        l.Clear();
        _aes.EncryptEcb(l, l, PaddingMode.None);
        Double(l, _subkey1);
        Double(_subkey1, _subkey2);
        CryptographicOperations.ZeroMemory(l);
    }

    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        using var cmac = new AesCmac(key);
        cmac.Compute(message, destination);
    }

    public static byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        var mac = new byte[MacLength];
        Compute(key, message, mac);
        return mac;
    }

    /// <summary>Compares in fixed time with a MAC that may be cut to its first 4 to 16 bytes.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> expected)
    {
        using var cmac = new AesCmac(key);
        return cmac.Append(message).VerifyAndReset(expected);
    }

    /// <summary>The MAC of one whole message, 16 bytes, with the key of this instance.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> destination) => Append(message).GetMacAndReset(destination);

    public AesCmac Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            // The last block is treated differently, so a full block waits until more is known to follow.
            if (_pendingLength == MacLength)
                Absorb();
            var take = Math.Min(MacLength - _pendingLength, data.Length);
            data[..take].CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += take;
            data = data[take..];
        }

        return this;
    }

    /// <summary>Writes 16 bytes and is ready for the next message.</summary>
    public void GetMacAndReset(Span<byte> destination)
    {
        if (destination.Length < MacLength)
            throw new ArgumentException("A MAC has 16 bytes.", nameof(destination));
        var subkey = _subkey1;
        if (_pendingLength < MacLength)
        {
            _pending[_pendingLength] = 0x80;
            _pending.AsSpan(_pendingLength + 1).Clear();
            subkey = _subkey2;
        }

        Xor(_pending, subkey);
        Absorb();
        _state.CopyTo(destination);
        Reset();
    }

    /// <summary>Compares in fixed time with the first bytes of the MAC and is ready for the next message.</summary>
    public bool VerifyAndReset(ReadOnlySpan<byte> expected)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        GetMacAndReset(mac);
        var equal = expected.Length is >= 4 and <= MacLength
            && CryptographicOperations.FixedTimeEquals(mac[..expected.Length], expected);
        CryptographicOperations.ZeroMemory(mac);
        return equal;
    }

    public void Dispose()
    {
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_subkey1);
        CryptographicOperations.ZeroMemory(_subkey2);
        Reset();
    }

    void Absorb()
    {
        Xor(_state, _pending);
        _aes.EncryptEcb(_state, _state, PaddingMode.None);
        _pendingLength = 0;
    }

    void Reset()
    {
        CryptographicOperations.ZeroMemory(_state);
        CryptographicOperations.ZeroMemory(_pending);
        _pendingLength = 0;
    }

    static void Xor(Span<byte> target, ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] ^= other[i];
    }

    /// <summary>Multiplies by x in GF(2^128), without a branch on the secret (SP 800-38B, 6.1).</summary>
    static void Double(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var carry = source[0] >> 7;
        for (var i = 0; i < MacLength - 1; i++)
            destination[i] = (byte)(((source[i] << 1) | (source[i + 1] >> 7)) & 0xFF);
        destination[^1] = (byte)(((source[^1] << 1) ^ (carry * 0x87)) & 0xFF);
    }
}
