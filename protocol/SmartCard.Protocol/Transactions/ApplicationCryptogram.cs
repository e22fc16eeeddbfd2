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
    public static byte[] Compute(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> encodedRecord)
    {
        var cryptogram = new byte[Length];
        Mac(cardKey, atc, encodedRecord, cryptogram);
        return cryptogram;
    }

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuine(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> encodedRecord, ReadOnlySpan<byte> cryptogram)
    {
        Span<byte> expected = stackalloc byte[Length];
        Mac(cardKey, atc, encodedRecord, expected);
        return CryptographicOperations.FixedTimeEquals(expected, cryptogram);
    }

    /// <summary>
    /// ARPC: the issuer's answer to a cryptogram, over cryptogram 8 | response code 2. Ten bytes, which no record has, so neither can stand for the other.
    /// </summary>
    public static byte[] Response(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cryptogram.Length, Length);
        Span<byte> message = stackalloc byte[Length + sizeof(ushort)];
        cryptogram.CopyTo(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[Length..], responseCode);
        return Compute(cardKey, atc, message);
    }

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuineResponse(
        ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode, ReadOnlySpan<byte> arpc) =>
        CryptographicOperations.FixedTimeEquals(Response(cardKey, atc, cryptogram, responseCode), arpc);

    private static void Mac(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> sessionKey = stackalloc byte[CardKeyDerivation.KeyLength];
        using (var cardCmac = new AesCmac(cardKey))
            CardKeyDerivation.DeriveSessionKey(cardCmac, atc, sessionKey);
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        AesCmac.Compute(sessionKey, message, mac);
        CryptographicOperations.ZeroMemory(sessionKey);
        mac[..Length].CopyTo(destination);
    }
}
