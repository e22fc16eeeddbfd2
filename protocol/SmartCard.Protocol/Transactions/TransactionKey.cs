using System.Buffers.Binary;
using System.Security.Cryptography;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// The key of one transaction, for whoever makes or checks more than one MAC under it: making the key takes ten times what a MAC does. Not safe for two threads at once.
/// </summary>
public sealed class TransactionKey : IDisposable
{
    private readonly AesCmac _cmac;

    /// <param name="cardKey">The card's own cryptogram key, 16 bytes.</param>
    public TransactionKey(ReadOnlySpan<byte> cardKey, Atc atc)
    {
        Span<byte> sessionKey = stackalloc byte[CardKeyDerivation.KeyLength];
        using (var cardCmac = new AesCmac(cardKey))
            CardKeyDerivation.DeriveSessionKey(cardCmac, atc, sessionKey);
        _cmac = new AesCmac(sessionKey);
        CryptographicOperations.ZeroMemory(sessionKey);
    }

    /// <summary>TC, ARQC or AAC over the record's canonical bytes, 8 bytes.</summary>
    public byte[] Compute(ReadOnlySpan<byte> encodedRecord)
    {
        var cryptogram = new byte[ApplicationCryptogram.Length];
        Mac(encodedRecord, cryptogram);
        return cryptogram;
    }

    /// <summary>Compares in fixed time.</summary>
    public bool IsGenuine(ReadOnlySpan<byte> encodedRecord, ReadOnlySpan<byte> cryptogram)
    {
        Span<byte> expected = stackalloc byte[ApplicationCryptogram.Length];
        Mac(encodedRecord, expected);
        return CryptographicOperations.FixedTimeEquals(expected, cryptogram);
    }

    /// <summary>
    /// ARPC: the issuer's answer to a cryptogram, over cryptogram 8 | response code 2. Ten bytes, which no record has, so neither can stand for the other.
    /// </summary>
    public byte[] Respond(ReadOnlySpan<byte> cryptogram, ushort responseCode)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cryptogram.Length, ApplicationCryptogram.Length);
        Span<byte> message = stackalloc byte[ApplicationCryptogram.Length + sizeof(ushort)];
        cryptogram.CopyTo(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[ApplicationCryptogram.Length..], responseCode);
        return Compute(message);
    }

    public void Dispose() => _cmac.Dispose();

    private void Mac(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        _cmac.Compute(message, mac);
        mac[..ApplicationCryptogram.Length].CopyTo(destination);
    }
}
