using FsCheck;
using FsCheck.Fluent;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Tests.Tlv;

// Cases: tags of one to three bytes; lengths of one to four; nesting; every refusal by name; any tree there and back; truncated at every byte;
// any bytes; bombs of depth and of number.
public class ReadingTlv
{
    [Theory]
    [InlineData("840100", 0x84, 1)]
    [InlineData("5F490102", 0x5F49, 1)]
    [InlineData("9F3600", 0x9F36, 0)]
    [InlineData("9F0200", 0x9F02, 0)]
    [InlineData("DFDF3900", 0xDFDF39, 0)]
    [InlineData("84810100", 0x84, 1)]
    [InlineData("8482000100", 0x84, 1)]
    [InlineData("848300000100", 0x84, 1)]
    public void Reads_tags_of_one_to_three_bytes_and_lengths_of_one_to_four(string hex, uint tag, int length)
    {
        var node = Assert.Single(Read(hex));
        Assert.Equal(new Tag(tag), node.Tag);
        Assert.Equal(length, node.Value.Length);
        Assert.Equal(Convert.FromHexString(hex), node.Encoded.ToArray());
    }

    [Fact]
    public void Reads_the_answer_to_SELECT_as_a_tree()
    {
        var fci = Assert.Single(Read("6F108408F053554253494459A5049F080101"));
        Assert.Equal("F053554253494459", Convert.ToHexString(fci.Find(0x84)!.Value.Span));
        Assert.Equal([0x01], fci.Find(0xA5)!.Find(0x9F08)!.Value.ToArray());
        Assert.Null(fci.Find(0x86));
    }

    [Theory]
    [InlineData("84", TlvRefusal.Truncated)]
    [InlineData("8401", TlvRefusal.Truncated)]
    [InlineData("9F", TlvRefusal.Truncated)]
    [InlineData("848201", TlvRefusal.Truncated)]
    [InlineData("84830FFFFF", TlvRefusal.Truncated)]
    [InlineData("6F03840200", TlvRefusal.Truncated)]
    [InlineData("0000", TlvRefusal.BadTag)]
    [InlineData("9F8001", TlvRefusal.BadTag)]
    [InlineData("9FFFFFFF01", TlvRefusal.BadTag)]
    [InlineData("6F800000", TlvRefusal.BadLength)]
    [InlineData("848400000001AA", TlvRefusal.BadLength)]
    [InlineData("84FF", TlvRefusal.BadLength)]
    public void Refuses_what_is_not_TLV_and_says_why(string hex, TlvRefusal why) => Read(hex, why);

    [Fact]
    public void Refuses_input_beyond_its_limits()
    {
        var limits = new TlvLimits(MaxDepth: 2, MaxLength: 8, MaxElements: 3);
        Assert.Equal(TlvRefusal.TooLong, RefusalOf(new byte[9], limits));
        Assert.Equal(TlvRefusal.TooDeep, RefusalOf(Convert.FromHexString("700470028400"), limits));
        Assert.Equal(TlvRefusal.TooManyElements, RefusalOf(Convert.FromHexString("8400840084008400"), limits));
    }

    [Fact]
    public void Refuses_a_bomb_of_depth_at_once()
    {
        var bomb = new byte[2048];
        for (var i = 0; i + 3 < bomb.Length; i += 4)
            new byte[] { 0x70, 0x82, (byte)((bomb.Length - i - 4) >> 8), (byte)((bomb.Length - i - 4) & 0xFF) }.CopyTo(bomb, i);
        Assert.Equal(TlvRefusal.TooDeep, RefusalOf(bomb, TlvLimits.Card));
    }

    [Fact]
    public void Gives_back_every_tree_that_was_written() => Properties.Hold(Trees, tree =>
    {
        var bytes = Write(tree);
        Assert.True(BerTlv.TryParse(bytes, new TlvLimits(8, 1 << 20, 4096), out var nodes, out var refusal), refusal.ToString());
        AssertSame(tree, nodes);
    }, times: 300);

    [Fact]
    public void Refuses_every_object_that_was_cut_short() => Properties.Hold(Trees, tree =>
    {
        var bytes = Write(tree[..1]);
        for (var length = 1; length < Math.Min(bytes.Length, 200); length++)
            Assert.False(BerTlv.TryParse(bytes.AsMemory(0, length), TlvLimits.Card with { MaxLength = 1 << 20 }, out _, out _));
    }, times: 200);

    [Fact]
    public void Never_throws_whatever_the_bytes() => Properties.Hold(
        Gen.OneOf(Properties.Bytes(0, 64), Properties.Bytes(0, 2100)),
        bytes =>
        {
            var read = BerTlv.TryParse(bytes, TlvLimits.Card, out var nodes, out var refusal);
            Assert.Equal(read, refusal == TlvRefusal.None);
            if (!read)
                Assert.Empty(nodes);
        },
        times: 5000);

    [Fact]
    public void Never_throws_on_TLV_with_any_bit_wrong()
    {
        var bytes = Convert.FromHexString("6F108408F053554253494459A5049F080101");
        foreach (var flipped in Properties.EverySingleBitFlipOf(bytes))
            _ = BerTlv.TryParse(flipped, TlvLimits.Card, out _, out _);
    }

    private sealed record Tree(Tag Tag, byte[] Value, Tree[] Children);

    private static Gen<Tree[]> Trees => TreesOf(depth: 4);

    private static Gen<Tree[]> TreesOf(int depth) => Gen.Choose(1, 3).SelectMany(count => Gen.ArrayOf(TreeOf(depth), count));

    private static Gen<Tree> TreeOf(int depth)
    {
        var leaf = from tag in Gen.Elements<Tag>(0x84, 0x9F36, 0x5F49, 0xDFDF39)
                   from value in Gen.OneOf(Properties.Bytes(0, 20), Properties.Bytes(120, 140), Properties.Bytes(250, 260), Properties.Bytes(65530, 65540))
                   select new Tree(tag, value, []);
        var small = from tag in Gen.Elements<Tag>(0x84, 0x9F36)
                    from value in Properties.Bytes(0, 200)
                    select new Tree(tag, value, []);
        if (depth == 1)
            return small;
        var nested = from tag in Gen.Elements<Tag>(0x6F, 0xA5, 0x7F21, 0x7F4E)
                     from children in TreesOf(depth - 1)
                     select new Tree(tag, [], children);
        return depth == 4 ? Gen.Frequency((1, leaf), (4, nested)) : Gen.OneOf(small, nested);
    }

    private static byte[] Write(IEnumerable<Tree> trees)
    {
        var writer = new TlvWriter();
        Append(writer, trees);
        return writer.ToArray();
    }

    private static void Append(TlvWriter writer, IEnumerable<Tree> trees)
    {
        foreach (var tree in trees)
        {
            if (tree.Tag.IsConstructed)
                writer.Append(tree.Tag, children => Append(children, tree.Children));
            else
                writer.Append(tree.Tag, tree.Value);
        }
    }

    private static void AssertSame(IReadOnlyList<Tree> expected, IReadOnlyList<TlvNode> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Tag, actual[i].Tag);
            if (expected[i].Tag.IsConstructed)
                AssertSame(expected[i].Children, actual[i].Children);
            else
                Assert.Equal(expected[i].Value, actual[i].Value.ToArray());
        }
    }

    private static TlvNode[] Read(string hex, TlvRefusal expectRefusal = TlvRefusal.None)
    {
        var read = BerTlv.TryParse(Convert.FromHexString(hex), TlvLimits.Card, out var nodes, out var refusal);
        Assert.Equal(expectRefusal, refusal);
        Assert.Equal(expectRefusal == TlvRefusal.None, read);
        return nodes;
    }

    private static TlvRefusal RefusalOf(byte[] bytes, TlvLimits limits)
    {
        Assert.False(BerTlv.TryParse(bytes, limits, out _, out var refusal));
        return refusal;
    }
}
