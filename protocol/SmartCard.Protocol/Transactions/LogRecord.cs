using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// A record out of the card's log, with its evidence: <c>70{DF29 record, 9F26, DF28}</c>, DF28 only where a signature was asked for. At most 237
/// bytes, so that it fits one protected answer of 239. GET DATA DF61 answers the newest; READ RECORD any of twenty, 1 being the newest.
/// </summary>
/// <param name="Encoded">The record's canonical bytes, 119 to 152.</param>
/// <param name="Record">What <paramref name="Encoded"/> says.</param>
/// <param name="Cryptogram">8 bytes.</param>
/// <param name="Signature">64 bytes r|s, or empty.</param>
public sealed record LogRecord(ReadOnlyMemory<byte> Encoded, TransactionRecord Record, ReadOnlyMemory<byte> Cryptogram, ReadOnlyMemory<byte> Signature)
{
    /// <summary>P1-P2 of GET DATA for the newest record.</summary>
    public const ushort LastRecordTag = 0xDF61;

    /// <summary>The log keeps this many; the next one takes the place of the oldest.</summary>
    public const int LogLength = 20;

    private const byte LogFileReference = 0x0C; // P2 of READ RECORD: short file id 1, P1 is a record number (ISO 7816-4, 11.4.2)

    public static CommandApdu LastRecordCommand { get; } = new(
        ClassByte.Proprietary, Instruction.GetData, LastRecordTag >> 8, LastRecordTag & 0xFF, default, CommandApdu.ShortLeMax);

    /// <param name="number">1, the newest, to <see cref="LogLength"/>.</param>
    public static CommandApdu ReadCommand(int number) => new(
        ClassByte.Interindustry, Instruction.ReadRecord, checked((byte)number), LogFileReference, default, CommandApdu.ShortLeMax);

    public static byte[] Encode(ReadOnlySpan<byte> encodedRecord, ReadOnlySpan<byte> cryptogram, ReadOnlySpan<byte> signature)
    {
        var inner = new TlvWriter().Append(TransactionTags.Record, encodedRecord).Append(TransactionTags.Cryptogram, cryptogram);
        if (!signature.IsEmpty)
            inner.Append(TransactionTags.Signature, signature);
        return new TlvWriter().Append(TransactionTags.RecordTemplate, inner.WrittenSpan).ToArray();
    }

    /// <summary>Never throws on hostile bytes. The record keeps slices of <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out LogRecord? logRecord, out RecordRefusal refusal)
    {
        logRecord = null;
        var row = TlvSequence.Inside(bytes, TransactionTags.RecordTemplate);
        var encoded = row.TakeAtMost(TransactionTags.Record, TransactionRecordCodec.LengthMax);
        var cryptogram = row.Take(TransactionTags.Cryptogram, SignedRecord.CryptogramLength);
        var signature = row.NextIs(TransactionTags.Signature)
            ? row.Take(TransactionTags.Signature, SignedRecord.SignatureLength)
            : default;
        refusal = RecordRefusal.Malformed;
        if (!row.IsComplete || !TransactionRecordCodec.TryDecode(encoded, out var record, out refusal))
            return false;
        logRecord = new LogRecord(encoded, record, cryptogram, signature);
        return true;
    }

    /// <summary>The form in which a record travels to the backend; false when the card was not asked for a signature.</summary>
    public bool TryGetSigned([NotNullWhen(true)] out SignedRecord? signedRecord) =>
        SignedRecord.TryCreate(Encoded, Cryptogram, Signature, out signedRecord, out _);
}
