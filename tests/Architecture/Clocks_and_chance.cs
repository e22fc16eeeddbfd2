using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class Clocks_and_chance
{
    private static readonly IReadOnlySet<string> Banned = Uses.BannedNames(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "BannedSymbols.txt")));

    [Fact]
    public void Are_injected_everywhere() =>
        Assert.Empty(Uses.Banned(Product.All.SelectMany(Code.Types), Banned));

    [Theory]
    [InlineData("System.DateTime.get_Now")]
    [InlineData("System.DateTimeOffset.get_UtcNow")]
    [InlineData("System.Guid.NewGuid")]
    [InlineData("System.Random..ctor")]
    [InlineData("System.Random.get_Shared")]
    public void Are_found_where_the_machines_own_are_asked(string banned)
    {
        Assert.Contains(banned, Banned);
        Assert.Contains(Uses.Banned(Product.Planted.Types(), Banned), violation => violation.EndsWith(banned, StringComparison.Ordinal));
    }
}
