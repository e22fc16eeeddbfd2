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
        using var key = new TransactionKey(cardKey, atc);
        return key.Compute(encodedRecord);
    }

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuine(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> encodedRecord, ReadOnlySpan<byte> cryptogram)
    {
        using var key = new TransactionKey(cardKey, atc);
        return key.IsGenuine(encodedRecord, cryptogram);
    }

    /// <inheritdoc cref="TransactionKey.Respond"/>
    public static byte[] Response(ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode)
    {
        using var key = new TransactionKey(cardKey, atc);
        return key.Respond(cryptogram, responseCode);
    }

    /// <summary>Compares in fixed time.</summary>
    public static bool IsGenuineResponse(
        ReadOnlySpan<byte> cardKey, Atc atc, ReadOnlySpan<byte> cryptogram, ushort responseCode, ReadOnlySpan<byte> arpc) =>
        CryptographicOperations.FixedTimeEquals(Response(cardKey, atc, cryptogram, responseCode), arpc);
}
