namespace SmartCard.Protocol.Tlv;

/// <summary>What a reader of hostile bytes is willing to do. Depth 1 is a flat row of objects.</summary>
/// <param name="MaxDepth">Levels of nesting.</param>
/// <param name="MaxLength">Bytes of input.</param>
/// <param name="MaxElements">Objects on all levels together.</param>
public readonly record struct TlvLimits(int MaxDepth, int MaxLength, int MaxElements)
{
    /// <summary>Enough for every object on a card's wire: a chained command of 2,048 bytes and a certificate inside it.</summary>
    public static TlvLimits Card { get; } = new(MaxDepth: 8, MaxLength: 2048, MaxElements: 128);
}

/// <summary>Why bytes are not TLV. Nothing of a refused input is used.</summary>
public enum TlvRefusal
{
    None = 0,

    /// <summary>The input ends inside a tag, a length or a value.</summary>
    Truncated,

    /// <summary>00, more than three bytes, or a number with leading zeros.</summary>
    BadTag,

    /// <summary>The indefinite form, or a length of more than three bytes.</summary>
    BadLength,

    /// <summary>The input is longer than the limit.</summary>
    TooLong,

    /// <summary>Nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>More objects than the limit.</summary>
    TooManyElements,
}

/// <summary>
/// BER-TLV as cards speak it (ISO 7816-4, 5.2.2): definite lengths of up to three bytes, tags of up to three. Reading never throws, whatever
/// the bytes, and does work bounded by <see cref="TlvLimits"/>.
/// </summary>
public static class BerTlv
{
    /// <summary>Reads a row of objects that fills the input exactly. The nodes are views of the input: nothing is copied.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, TlvLimits limits, out TlvNode[] nodes, out TlvRefusal refusal)
    {
        nodes = [];
        refusal = TlvRefusal.TooLong;
        if (bytes.Length > limits.MaxLength)
            return false;
        var elementsLeft = limits.MaxElements;
        return TryParseRow(bytes, limits.MaxDepth, ref elementsLeft, out nodes, out refusal);
    }

    /// <summary>Reads exactly one object with this tag.</summary>
    public static bool TryParseSingle(ReadOnlyMemory<byte> bytes, Tag tag, TlvLimits limits, out TlvNode node, out TlvRefusal refusal)
    {
        node = TlvNode.Missing;
        if (!TryParse(bytes, limits, out var nodes, out refusal))
            return false;
        refusal = TlvRefusal.BadTag;
        if (nodes.Length != 1 || nodes[0].Tag != tag)
            return false;
        node = nodes[0];
        refusal = TlvRefusal.None;
        return true;
    }

    private static bool TryParseRow(ReadOnlyMemory<byte> row, int depthLeft, ref int elementsLeft, out TlvNode[] nodes, out TlvRefusal refusal)
    {
        nodes = [];
        refusal = TlvRefusal.None;
        if (row.IsEmpty)
            return true;
        if (depthLeft <= 0)
        {
            refusal = TlvRefusal.TooDeep;
            return false;
        }

        var found = new List<TlvNode>(4);
        while (!row.IsEmpty)
        {
            if (elementsLeft-- <= 0)
            {
                refusal = TlvRefusal.TooManyElements;
                return false;
            }

            if (!TryReadHeader(row.Span, out var tag, out var headerLength, out var valueLength, out refusal))
                return false;
            var value = row.Slice(headerLength, valueLength);
            TlvNode[] children = [];
            if (tag.IsConstructed && !TryParseRow(value, depthLeft - 1, ref elementsLeft, out children, out refusal))
                return false;
            found.Add(new TlvNode(tag, value, row[..(headerLength + valueLength)], children));
            row = row[(headerLength + valueLength)..];
        }

        nodes = [.. found];
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out Tag tag, out int headerLength, out int valueLength, out TlvRefusal refusal)
    {
        headerLength = 0;
        valueLength = 0;
        if (!Tag.TryRead(bytes, out tag, out var tagLength, out refusal))
            return false;

        refusal = TlvRefusal.Truncated;
        if (tagLength == bytes.Length)
            return false;
        var first = bytes[tagLength];
        var lengthBytes = first < 0x80 ? 0 : first & 0x7F;
        if (first == 0x80 || lengthBytes > 3)
        {
            refusal = TlvRefusal.BadLength;
            return false;
        }

        headerLength = tagLength + 1 + lengthBytes;
        if (headerLength > bytes.Length)
            return false;
        valueLength = first < 0x80 ? first : 0;
        foreach (var b in bytes.Slice(tagLength + 1, lengthBytes))
            valueLength = (valueLength << 8) | b;
        if (valueLength > bytes.Length - headerLength)
            return false;
        refusal = TlvRefusal.None;
        return true;
    }
}
