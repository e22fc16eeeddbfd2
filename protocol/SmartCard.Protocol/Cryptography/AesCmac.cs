using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>
/// AES-CMAC (NIST SP 800-38B, RFC 4493) with a 16, 24 or 32-byte key. One instance holds one key and serves many messages, one
/// after another, without allocating; it is not safe for two threads at once. A new key costs about ten times what a record does: keep the instance.
/// </summary>
public sealed class AesCmac : IDisposable
{
    public const int MacLength = 16;

    private const int BlockLength = 16;

    /// <summary>Longer than any record, any derivation and nearly any APDU: one call of the platform's cipher for each.</summary>
    private const int BufferLength = 18 * BlockLength;

    // CBC over the whole message in one call. A call a block, or the one-shot methods of Aes, take five to ten times as long.
    private readonly ICryptoTransform _cbc;
    private readonly byte[] _subkey1 = new byte[BlockLength];
    private readonly byte[] _subkey2 = new byte[BlockLength];
    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly byte[] _lastOutput = new byte[BlockLength];
    private int _buffered;
    private bool _isMessageOpen;

    /// <exception cref="ArgumentException">The key has not 16, 24 or 32 bytes.</exception>
    public AesCmac(ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 24 or 32))
            throw new ArgumentException($"An AES key has 16, 24 or 32 bytes, not {key.Length}.", nameof(key));
        using (var aes = Aes.Create())
        {
            aes.Mode = CipherMode.CBC;
            aes.Padding = PaddingMode.None;
            aes.SetKey(key);
            aes.IV = new byte[BlockLength];
            _cbc = aes.CreateEncryptor();
        }

        // SP 800-38B, 6.1: K1 and K2 from the encryption of the zero block.
        _buffered = BlockLength;
        EncryptBuffer();
        Double(_lastOutput, _subkey1);
        Double(_subkey1, _subkey2);
        Reset();
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
            // The last block is treated differently, so a full buffer waits until more is known to follow.
            if (_buffered == BufferLength)
                EncryptBuffer();
            var take = Math.Min(BufferLength - _buffered, data.Length);
            data[..take].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += take;
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
        if (_buffered == 0 || _buffered % BlockLength != 0)
        {
            var end = (_buffered / BlockLength * BlockLength) + BlockLength;
            _buffer[_buffered] = 0x80;
            _buffer.AsSpan(_buffered + 1, end - _buffered - 1).Clear();
            _buffered = end;
            subkey = _subkey2;
        }

        Xor(_buffer.AsSpan(_buffered - BlockLength, BlockLength), subkey);
        EncryptBuffer();
        _lastOutput.CopyTo(destination);
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
        _cbc.Dispose();
        CryptographicOperations.ZeroMemory(_subkey1);
        CryptographicOperations.ZeroMemory(_subkey2);
        CryptographicOperations.ZeroMemory(_lastOutput);
        Reset();
    }

    private void EncryptBuffer()
    {
        // The cipher chains on from the message before; adding its last output to the first block takes that out again, for less than a reset costs.
        if (!_isMessageOpen)
            Xor(_buffer.AsSpan(0, BlockLength), _lastOutput);
        _isMessageOpen = true;
        _cbc.TransformBlock(_buffer, 0, _buffered, _buffer, 0);
        _buffer.AsSpan(_buffered - BlockLength, BlockLength).CopyTo(_lastOutput);
        _buffered = 0;
    }

    private void Reset()
    {
        CryptographicOperations.ZeroMemory(_buffer);
        _buffered = 0;
        _isMessageOpen = false;
    }

    private static void Xor(Span<byte> target, ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] ^= other[i];
    }

    /// <summary>Multiplies by x in GF(2^128), without a branch on the secret (SP 800-38B, 6.1).</summary>
    private static void Double(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var carry = source[0] >> 7;
        for (var i = 0; i < BlockLength - 1; i++)
            destination[i] = (byte)(((source[i] << 1) | (source[i + 1] >> 7)) & 0xFF);
        destination[^1] = (byte)(((source[^1] << 1) ^ (carry * 0x87)) & 0xFF);
    }
}
