using System.Security.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// A record as it travels: the bytes the card signed, the cryptogram that the issuer can check, and the signature that
/// anyone can. Whoever decides, decides on <see cref="Record"/>, which is read out of <see cref="Encoded"/>.
/// </summary>
public sealed class SignedRecord
{
    public const int CryptogramLength = 8;
    public const int SignatureLength = 64;

    private SignedRecord(ReadOnlyMemory<byte> encoded, TransactionRecord record, ReadOnlyMemory<byte> cryptogram, ReadOnlyMemory<byte> signature) =>
        (Encoded, Record, Cryptogram, Signature) = (encoded, record, cryptogram, signature);

    /// <summary>The canonical bytes of the record.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }
    public TransactionRecord Record { get; }

    /// <summary>8 bytes: AES-CMAC under the session key of (card, ATC) over <see cref="Encoded"/>, truncated.</summary>
    public ReadOnlyMemory<byte> Cryptogram { get; }

    /// <summary>64 bytes r|s: ECDSA P-256 with SHA-256 by the card's signature key over <see cref="Encoded"/>.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    public static bool TryCreate(
        ReadOnlyMemory<byte> encoded, ReadOnlyMemory<byte> cryptogram, ReadOnlyMemory<byte> signature,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SignedRecord? signedRecord, out RecordRefusal refusal)
    {
        signedRecord = null;
        refusal = RecordRefusal.WrongLength;
        if (cryptogram.Length != CryptogramLength || signature.Length != SignatureLength)
            return false;
        if (!TransactionRecordCodec.TryDecode(encoded, out var record, out refusal))
            return false;
        signedRecord = new SignedRecord(encoded, record, cryptogram, signature);
        return true;
    }

    /// <summary>SHA-256 of the record's bytes: the content that one (card, ATC) may have. The signature is no part of it, for ECDSA gives another each time.</summary>
    public byte[] ContentHash() => SHA256.HashData(Encoded.Span);

    /// <summary>The chain value after this record.</summary>
    public RecordChain Chain() => Record.PreviousChain.Append(Encoded.Span);
}
