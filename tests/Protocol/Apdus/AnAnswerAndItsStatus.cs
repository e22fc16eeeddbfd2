using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.Tests.Apdus;

public class AnAnswerAndItsStatus
{
    [Fact]
    public void Comes_back_as_it_was_encoded() => Properties.Hold(Properties.Bytes(2, 300), bytes =>
    {
        Assert.True(ResponseApdu.TryParse(bytes, out var response));
        Assert.Equal(bytes, response.Encode());
    });

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    public void Needs_two_bytes(string hex) => Assert.False(ResponseApdu.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void Prints_as_four_digits_without_the_data()
    {
        Assert.Equal("9000", StatusWord.Success.ToString());
        Assert.Equal("[3] 9000", new ResponseApdu(new byte[] { 1, 2, 3 }, StatusWord.Success).ToString());
    }

    [Theory]
    [InlineData(0x9000, true, false)]
    [InlineData(0x6283, false, true)]
    [InlineData(0x63C2, false, true)]
    [InlineData(0x6100, false, false)]
    [InlineData(0x6985, false, false)]
    public void Is_a_success_a_warning_or_neither(int status, bool success, bool warning)
    {
        var word = new StatusWord((ushort)status);
        Assert.Equal((success, warning), (word.IsSuccess, word.IsWarning));
    }

    [Fact]
    public void Tells_the_tries_that_are_left()
    {
        Assert.True(StatusWord.TriesLeft(2).TryGetTriesLeft(out var tries));
        Assert.Equal(2, tries);
        Assert.Equal("63C2", StatusWord.TriesLeft(2).ToString());
        Assert.False(StatusWord.AuthenticationFailed.TryGetTriesLeft(out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => StatusWord.TriesLeft(16));
    }

    [Fact]
    public void Says_how_much_more_there_is_and_zero_means_256_or_more()
    {
        Assert.Equal("6105", StatusWord.MoreDataAvailable(5).ToString());
        Assert.Equal("6100", StatusWord.MoreDataAvailable(700).ToString());
    }
}

public class AnIdentifier
{
    [Fact]
    public void Of_the_subsidy_application_is_the_published_one() => Assert.Equal("F053554253494459", Aid.Subsidy.ToString());

    [Fact]
    public void Has_five_to_sixteen_bytes()
    {
        Assert.False(Aid.TryCreate(new byte[4], out _));
        Assert.True(Aid.TryCreate(new byte[5], out _));
        Assert.True(Aid.TryCreate(new byte[16], out _));
        Assert.False(Aid.TryCreate(new byte[17], out _));
        Assert.Throws<ArgumentException>(() => new Aid(new byte[4]));
    }

    [Fact]
    public void Equals_another_with_the_same_bytes() =>
        Assert.Equal(new Aid(Aid.Subsidy.Span), Aid.Subsidy);

    [Fact]
    public void Is_found_by_a_prefix_of_five_bytes_but_not_of_four()
    {
        Assert.True(Aid.Subsidy.StartsWith(Aid.Subsidy.Span[..5]));
        Assert.False(Aid.Subsidy.StartsWith(Aid.Subsidy.Span[..4]));
    }

    [Theory]
    [InlineData("3B80800101", true)]
    [InlineData("3F00", true)]
    [InlineData("3B", false)]
    [InlineData("4B80800101", false)]
    public void Of_a_reset_begins_with_TS(string hex, bool valid) =>
        Assert.Equal(valid, Atr.TryCreate(Convert.FromHexString(hex), out _));
}
