using System.Buffers.Binary;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// Takes the objects of a row in the one order that its page of the spec gives. After the first object that is missing, out of place
/// or of another length, <see cref="IsIntact"/> is false and every later take yields nothing: a decoder checks once, at the end.
/// </summary>
internal sealed class TlvSequence
{
    private readonly IReadOnlyList<TlvNode> _nodes;
    private int _next;

    private TlvSequence(IReadOnlyList<TlvNode> nodes, bool intact) => (_nodes, IsIntact) = (nodes, intact);

    public bool IsIntact { get; private set; }

    /// <summary>True when nothing was out of place and nothing is left over.</summary>
    public bool IsComplete => IsIntact && _next == _nodes.Count;

    public static TlvSequence Of(ReadOnlyMemory<byte> row)
    {
        var intact = BerTlv.TryParse(row, TlvLimits.Card, out var nodes, out _);
        return new TlvSequence(nodes, intact);
    }

    /// <summary>The children of the one object with this tag that the bytes must be.</summary>
    public static TlvSequence Inside(ReadOnlyMemory<byte> bytes, Tag template) =>
        BerTlv.TryParseSingle(bytes, template, TlvLimits.Card, out var node, out _)
            ? new TlvSequence(node.Children, intact: true)
            : new TlvSequence([], intact: false);

    public bool NextIs(Tag tag) => IsIntact && _next < _nodes.Count && _nodes[_next].Tag == tag;

    /// <summary>The value of the next object; <paramref name="length"/> zero bytes when the row is broken, so that a decoder may go on reading.</summary>
    public ReadOnlyMemory<byte> Take(Tag tag, int length)
    {
        if (NextIs(tag) && _nodes[_next].Value.Length == length)
            return _nodes[_next++].Value;
        IsIntact = false;
        return new byte[length];
    }

    public ReadOnlyMemory<byte> TakeAtMost(Tag tag, int lengthMax)
    {
        if (NextIs(tag) && _nodes[_next].Value.Length <= lengthMax)
            return _nodes[_next++].Value;
        IsIntact = false;
        return default;
    }

    public TlvSequence TakeInside(Tag tag)
    {
        if (NextIs(tag))
            return new TlvSequence(_nodes[_next++].Children, intact: true);
        IsIntact = false;
        return new TlvSequence([], intact: false);
    }

    public byte TakeByte(Tag tag) => Take(tag, 1).Span[0];

    public ushort TakeUInt16(Tag tag) => BinaryPrimitives.ReadUInt16BigEndian(Take(tag, 2).Span);

    public uint TakeUInt32(Tag tag) => BinaryPrimitives.ReadUInt32BigEndian(Take(tag, 4).Span);
}

internal static class TlvWriterNumbers
{
    public static TlvWriter AppendUInt16(this TlvWriter writer, Tag tag, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return writer.Append(tag, bytes);
    }

    public static TlvWriter AppendUInt32(this TlvWriter writer, Tag tag, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return writer.Append(tag, bytes);
    }
}
