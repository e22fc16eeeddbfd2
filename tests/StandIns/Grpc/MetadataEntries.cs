using Grpc.Core;

namespace SmartCard.StandIns.Tests.Grpc;

public sealed class MetadataEntries
{
    [Fact]
    public void Are_found_whatever_the_case_of_the_key_and_the_last_one_wins()
    {
        var metadata = new Metadata { { "Reason", "first" }, { "reason", "last" } };

        Assert.Equal("last", metadata.GetValue("REASON"));
        Assert.Equal(["reason", "reason"], metadata.Select(entry => entry.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("new\nline")]
    [InlineData("سبب")]
    public void Refuse_a_key_that_http2_would_not_carry(string key)
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "value"));
    }

    [Fact]
    public void Keep_text_and_bytes_apart_by_the_suffix_of_the_key()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("proof-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("proof", [1, 2]));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("proof-bin", [1, 2]).Value);
    }

    [Fact]
    public void Cannot_be_added_to_the_shared_empty_one()
    {
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));
    }
}
