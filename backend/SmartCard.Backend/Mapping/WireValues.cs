using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.Collections;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Mapping;

/// <summary>Small values that several messages share.</summary>
internal static class WireValues
{
    public static Wire.BusinessDate ToWire(this DateOnly date) =>
        new() { Yyyymmdd = (uint)((date.Year * 10_000) + (date.Month * 100) + date.Day) };

    public static Wire.Label ToWire(this Label label) => new() { Ar = label.Ar, Fr = label.Fr, En = label.En };

    public static ByteString ToWire(this ReadOnlyMemory<byte> bytes) => ByteString.CopyFrom(bytes.Span);

    public static SignedRecord SignedRecord(Wire.SignedRecord? wire, string field)
    {
        CheckLengths(wire, field);
        return Protocol.Transactions.SignedRecord.TryCreate(wire.Record.Memory, wire.Cryptogram.Memory, wire.Signature.Memory, out var record, out var refusal)
            ? record
            : throw Refusals.Malformed(field + ".record", $"Send the bytes exactly as the card signed them; these are no record: {refusal}.");
    }

    /// <summary>Null where the bytes are no record.</summary>
    public static SignedRecord? SignedRecordOrNone(Wire.SignedRecord? wire, string field)
    {
        CheckLengths(wire, field);
        _ = Protocol.Transactions.SignedRecord.TryCreate(wire.Record.Memory, wire.Cryptogram.Memory, wire.Signature.Memory, out var record, out _);
        return record;
    }

    /// <summary>1 to 64 lines; whether they are what the card signed is the ledger's question.</summary>
    public static BasketLine[] Lines(RepeatedField<Wire.BasketLine> lines, string field)
    {
        if (lines.Count is 0 or > Basket.LinesMax)
            throw Refusals.Malformed(field, $"Send 1 to {Basket.LinesMax} lines.");
        var basket = new BasketLine[lines.Count];
        for (var index = 0; index < basket.Length; index++)
        {
            var line = lines[index];
            if (line.Programme is 0 or > ushort.MaxValue)
                throw Refusals.Malformed($"{field}[{index}].programme", "Send a programme code, 1 to 65535.");
            if (line.Commodity is 0 or > ushort.MaxValue)
                throw Refusals.Malformed($"{field}[{index}].commodity", "Send a commodity code, 1 to 65535.");
            if (line.Quantity == 0)
                throw Refusals.Malformed($"{field}[{index}].quantity", "Send 1 or more pieces.");
            basket[index] = new BasketLine(new ProgrammeCode((ushort)line.Programme), new CommodityCode((ushort)line.Commodity), line.Quantity, line.UnitPriceMinor);
        }
        return basket;
    }

    private static void CheckLengths([NotNull] Wire.SignedRecord? wire, string field)
    {
        if (wire is null)
            throw Refusals.Malformed(field, "Send the record that the card signed.");
        if (wire.Cryptogram.Length != Protocol.Transactions.SignedRecord.CryptogramLength)
            throw Refusals.Malformed(field + ".cryptogram", "Send the card's cryptogram, 8 bytes.");
        if (wire.Signature.Length != Protocol.Transactions.SignedRecord.SignatureLength)
            throw Refusals.Malformed(field + ".signature", "Send the card's signature, 64 bytes r|s.");
    }
}
