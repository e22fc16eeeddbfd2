using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>What the backend acknowledges. The numbers are on the wire: never reuse one.</summary>
public enum AcknowledgementKind : byte
{
    /// <summary>A record that the card approved offline has an outcome.</summary>
    Presented = 1,

    /// <summary>A reversal advice has a result.</summary>
    Reversed = 2,
}

/// <summary>
/// What the backend signs when it takes over a record, so that a terminal may let go of it: ECDSA P-256 with SHA-256 by the
/// acknowledgement key, 64 bytes r|s (protocol/spec/grpc.md, "Acknowledgements"), over
/// <code>version 1 | kind 1 | SHA-256 of the record's bytes 32 | outcome code 2, big endian</code>
/// </summary>
/// <param name="Kind">Which call is answered.</param>
/// <param name="RecordHash">32 bytes, <see cref="SignedRecord.ContentHash"/>.</param>
/// <param name="OutcomeCode">
/// Presented: 0 for approved, otherwise the number of the DeclineReason. Reversed: the number of the ReversalResult.
/// </param>
public readonly record struct Acknowledgement(AcknowledgementKind Kind, ReadOnlyMemory<byte> RecordHash, ushort OutcomeCode)
{
    public const int EncodedLength = 2 + SHA256.HashSizeInBytes + 2;
    public const int SignatureLength = 64;

    private const byte Version = 1;

    public static Acknowledgement Presented(SignedRecord record, ushort outcomeCode) =>
        new(AcknowledgementKind.Presented, record.ContentHash(), outcomeCode);

    public static Acknowledgement Reversed(SignedRecord record, ushort reversalResult) =>
        new(AcknowledgementKind.Reversed, record.ContentHash(), reversalResult);

    /// <summary>The 36 bytes that are signed.</summary>
    public byte[] Encode()
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(RecordHash.Length, SHA256.HashSizeInBytes);
        var bytes = new byte[EncodedLength];
        bytes[0] = Version;
        bytes[1] = (byte)Kind;
        RecordHash.Span.CopyTo(bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 + SHA256.HashSizeInBytes), OutcomeCode);
        return bytes;
    }
}
