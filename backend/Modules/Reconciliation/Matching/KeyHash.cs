using System.Buffers.Binary;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>
/// Spreads (transaction, programme) by multiplication with secret odd numbers: merchants choose the transaction ids that they claim,
/// and must not be able to choose them so that they collide.
/// </summary>
internal readonly struct KeyHash
{
    private readonly ulong _low;
    private readonly ulong _high;
    private readonly ulong _final;

    public KeyHash(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[3 * sizeof(ulong)];
        random.Fill(bytes);
        _low = BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
        _high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) | 1;
        _final = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) | 1;
    }

    public ulong Of(UInt128 transaction, ushort programme)
    {
        // The upper half of a product depends on all bits below it: fold it down, then multiply once more.
        var low = Math.BigMul(unchecked((ulong)transaction) ^ programme, _low, out var lowRest);
        var high = Math.BigMul((ulong)(transaction >> 64), _high, out var highRest);
        return Math.BigMul(unchecked(low + high) ^ unchecked(lowRest + highRest), _final, out var rest) ^ rest;
    }
}
