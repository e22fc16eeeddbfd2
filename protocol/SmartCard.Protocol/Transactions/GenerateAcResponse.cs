using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// The card's answer to the first GENERATE AC: all of the record that the card decides, and the evidence.
/// <c>77{9F27, 9F36, 1..4 x E2{DF22, DF25}, DF26, DF27, 9F26, DF28}</c>, in this order; DF28 only when the signature was asked for. At most 168 bytes.
/// </summary>
public sealed record GenerateAcResponse
{
    /// <summary>May be <see cref="CryptogramKind.Declined"/> whatever was asked for.</summary>
    public required CryptogramKind Kind { get; init; }
    public required Atc Atc { get; init; }

    /// <summary>For each programme of the request, in its order: cumulative offline spending in the card's current period, after this draw.</summary>
    public required IReadOnlyList<(ProgrammeCode Programme, uint OfflineSpent)> Counters { get; init; }
    public required RecordChain PreviousChain { get; init; }

    /// <summary>The chain value after this record.</summary>
    public required RecordChain Chain { get; init; }

    /// <summary>8 bytes.</summary>
    public required ReadOnlyMemory<byte> Cryptogram { get; init; }

    /// <summary>64 bytes r|s; empty when none was asked for.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    public byte[] Encode()
    {
        Span<byte> chain = stackalloc byte[RecordChain.Length];
        var inner = new TlvWriter()
            .Append(TransactionTags.CryptogramInformation, (byte)Kind)
            .AppendUInt16(TransactionTags.Atc, Atc.Value);
        foreach (var (programme, offlineSpent) in Counters)
        {
            inner.Append(TransactionTags.Draw, draw => draw
                .AppendUInt16(TransactionTags.Programme, programme.Value)
                .AppendUInt32(TransactionTags.OfflineSpent, offlineSpent));
        }

        PreviousChain.Encode(chain);
        inner.Append(TransactionTags.PreviousChain, chain);
        Chain.Encode(chain);
        inner.Append(TransactionTags.Chain, chain);
        inner.Append(TransactionTags.Cryptogram, Cryptogram.Span);
        if (!Signature.IsEmpty)
            inner.Append(TransactionTags.Signature, Signature.Span);
        return new TlvWriter().Append(TransactionTags.ResponseTemplate, inner.WrittenSpan).ToArray();
    }

    /// <summary>Never throws on hostile bytes. The response keeps slices of <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out GenerateAcResponse? response, out RecordRefusal refusal)
    {
        response = null;
        var row = TlvSequence.Inside(bytes, TransactionTags.ResponseTemplate);
        var kind = (CryptogramKind)row.TakeByte(TransactionTags.CryptogramInformation);
        var atc = new Atc(row.TakeUInt16(TransactionTags.Atc));
        var counters = new List<(ProgrammeCode, uint)>(TransactionRecord.ProgrammesMax);
        while (counters.Count < TransactionRecord.ProgrammesMax && row.NextIs(TransactionTags.Draw))
        {
            var inside = row.TakeInside(TransactionTags.Draw);
            counters.Add((new ProgrammeCode(inside.TakeUInt16(TransactionTags.Programme)), inside.TakeUInt32(TransactionTags.OfflineSpent)));
            refusal = RecordRefusal.Malformed;
            if (!inside.IsComplete)
                return false;
        }

        var previousChain = RecordChain.Decode(row.Take(TransactionTags.PreviousChain, RecordChain.Length).Span);
        var chain = RecordChain.Decode(row.Take(TransactionTags.Chain, RecordChain.Length).Span);
        var cryptogram = row.Take(TransactionTags.Cryptogram, SignedRecord.CryptogramLength);
        var signature = row.NextIs(TransactionTags.Signature)
            ? row.Take(TransactionTags.Signature, SignedRecord.SignatureLength)
            : default;

        refusal = !row.IsComplete ? RecordRefusal.Malformed
            : kind is not (CryptogramKind.Declined or CryptogramKind.Offline or CryptogramKind.Online) ? RecordRefusal.Kind
            : atc.Value == 0 ? RecordRefusal.Atc
            : counters.Count == 0 ? RecordRefusal.ProgrammeCount
            : RecordRefusal.None;
        if (refusal != RecordRefusal.None)
            return false;
        response = new GenerateAcResponse
        {
            Kind = kind,
            Atc = atc,
            Counters = counters,
            PreviousChain = previousChain,
            Chain = chain,
            Cryptogram = cryptogram,
            Signature = signature,
        };
        return true;
    }

    /// <summary>
    /// Rebuilds the exact bytes that the card signed from what was asked and what was answered. Refuses an answer about other
    /// programmes, and one whose chain value does not follow from the record. Whether cryptogram and signature are
    /// genuine is another question.
    /// </summary>
    public static bool TryAssembleRecord(
        GenerateAcRequest request, GenerateAcResponse response, CardNumber card, [NotNullWhen(true)] out byte[]? encoded, out RecordRefusal refusal)
    {
        encoded = null;
        refusal = RecordRefusal.ProgrammeMismatch;
        if (response.Counters.Count != request.Draws.Count)
            return false;
        var offlineSpent = new uint[request.Draws.Count];
        for (var index = 0; index < offlineSpent.Length; index++)
        {
            (var programme, offlineSpent[index]) = response.Counters[index];
            if (programme != request.Draws[index].Programme)
                return false;
        }

        refusal = RecordRefusal.Quantity;
        if (Array.Exists(offlineSpent, spent => spent > int.MaxValue))
            return false;
        var bytes = TransactionRecordCodec.Encode(request.ToRecord(card, response.Atc, response.Kind, response.PreviousChain, offlineSpent));
        refusal = RecordRefusal.ChainMismatch;
        if (response.PreviousChain.Append(bytes) != response.Chain)
            return false;
        encoded = bytes;
        refusal = RecordRefusal.None;
        return true;
    }

    /// <summary>As <see cref="TryAssembleRecord"/>, with the evidence; refuses an answer without a signature.</summary>
    public bool TryAssemble(GenerateAcRequest request, CardNumber card, [NotNullWhen(true)] out SignedRecord? signedRecord, out RecordRefusal refusal)
    {
        signedRecord = null;
        return TryAssembleRecord(request, this, card, out var encoded, out refusal)
            && SignedRecord.TryCreate(encoded, Cryptogram, Signature, out signedRecord, out refusal);
    }
}
