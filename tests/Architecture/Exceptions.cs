using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class Exceptions
{
    [Fact]
    public void Are_never_all_swallowed() =>
        Assert.Empty(Catching.Swallowed(Product.All.SelectMany(Code.Types)));

    [Theory]
    [InlineData("Everything")]
    [InlineData("WithoutAWord")]
    [InlineData("WhileWaiting")]
    [InlineData("BehindAFilterThatLetsAllThrough")]
    public void Are_found_where_they_are(string method)
    {
        var found = Catching.Swallowed(Product.Planted.Types()).Where(violation => violation.Contains("Planted.Swallows", StringComparison.Ordinal));

        Assert.Contains(found, violation => violation.Contains(method, StringComparison.Ordinal));
    }

    [Fact]
    public void May_be_caught_to_clean_up_or_by_name() =>
        Assert.DoesNotContain(Catching.Swallowed(Product.Planted.Types()), violation => violation.Contains("CatchesWithCare", StringComparison.Ordinal));
}
