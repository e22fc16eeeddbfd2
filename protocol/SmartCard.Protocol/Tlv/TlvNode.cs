using System.Diagnostics.CodeAnalysis;

namespace SmartCard.Protocol.Tlv;

/// <summary>One object that was read. <see cref="Value"/> and <see cref="Encoded"/> are views of the input; a primitive object has no children.</summary>
public sealed class TlvNode
{
    internal TlvNode(Tag tag, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> encoded, TlvNode[] children)
    {
        Tag = tag;
        Value = value;
        Encoded = encoded;
        Children = children;
    }

    internal static TlvNode Missing { get; } = new(default, default, default, []);

    public Tag Tag { get; }

    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Tag, length and value as they were received: what a signature or a receipt covers.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    public IReadOnlyList<TlvNode> Children { get; }

    /// <summary>The first child with this tag, or null.</summary>
    public TlvNode? Find(Tag tag) => Children.Find(tag);

    public bool TryFind(Tag tag, [NotNullWhen(true)] out TlvNode? node)
    {
        node = Find(tag);
        return node is not null;
    }

    /// <summary>True when the value has exactly the destination's length; it is then copied.</summary>
    public bool TryCopyExactly(Span<byte> destination) =>
        Value.Length == destination.Length && Value.Span.TryCopyTo(destination);

    public override string ToString() => $"{Tag} [{Value.Length}]";
}

public static class TlvRow
{
    /// <summary>The first object of the row with this tag, or null.</summary>
    public static TlvNode? Find(this IReadOnlyList<TlvNode> row, Tag tag)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (row[i].Tag == tag)
                return row[i];
        }

        return null;
    }
}
