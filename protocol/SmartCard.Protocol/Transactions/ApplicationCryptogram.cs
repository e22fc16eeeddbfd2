using System.Buffers.Binary;
using System.Security.Cryptography;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// The evidence that only card and issuer can make or check: AES-CMAC under a key of this one transaction, 8 bytes. The key comes from the card's cryptogram
/// key by ATC (<see cref="CardKeyDerivation.DeriveSessionKey(ReadOnlySpan{byte}, Atc)"/>). <c>cardKey</c> is that card's key, 16 bytes, never a master.
/// </summary>
public static class ApplicationCryptogram
{
    public const int Length = SignedRecord.CryptogramLength;

    /// <summary>TC, ARQC or AAC over the record's canonical bytes.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> encodedRecord) => Mac(cardKey, atc, encodedRecord);

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuine(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> encodedRecord, ReadOnlySpan<byte> cryptogram) =>
        CryptographicOperations.FixedTimeEquals(Mac(cardKey, atc, encodedRecord), cryptogram);

    /// <summary>
    /// ARPC: the issuer's answer to a cryptogram, over cryptogram 8 | response code 2. Ten bytes, which no record has, so neither can stand for the other.
    /// </summary>
    public static byte[] Response(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cryptogram.Length, Length);
        Span<byte> message = stackalloc byte[Length + sizeof(ushort)];
        cryptogram.CopyTo(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[Length..], responseCode);
        return Mac(cardKey, atc, message);
    }

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuineResponse(
        ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode, ReadOnlySpan<byte> arpc) =>
        CryptographicOperations.FixedTimeEquals(Response(cardKey, atc, cryptogram, responseCode), arpc);

    static byte[] Mac(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> message)
    {
        var sessionKey = CardKeyDerivation.DeriveSessionKey(cardKey, atc);
        try
        {
            return AesCmac.Compute(sessionKey, message)[..Length];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sessionKey);
        }
    }
}
