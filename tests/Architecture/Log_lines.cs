using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class Log_lines
{
    [Fact]
    public void Take_nothing_that_may_be_a_person_or_a_key() =>
        Assert.Empty(LogLines.Indiscreet(Product.All.SelectMany(Code.Types)));

    [Fact]
    public void Come_from_generated_methods_alone() =>
        Assert.Empty(LogLines.Unsourced(Product.All.SelectMany(Code.Types)));

    [Fact]
    public void Are_found_where_they_tell_too_much()
    {
        var planted = Product.Plant("TellsTooMuch");

        Assert.Equal(2, LogLines.Indiscreet([planted]).Count());
        Assert.Single(LogLines.Unsourced([planted]));
    }
}
