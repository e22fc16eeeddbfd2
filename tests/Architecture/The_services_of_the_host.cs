using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class The_services_of_the_host
{
    [Fact]
    public void Call_facades_and_never_a_database() =>
        Assert.Empty(Uses.DataAccessIn(Product.Host.Types()));

    [Fact]
    public void Are_recognised_as_services() =>
        Assert.Equal(6, Product.Host.Types().Count(Uses.ServesGrpc));

    [Theory]
    [InlineData("ServiceWithADatabase", "System.Data.Common.DbConnection")]
    [InlineData("UsesDapper", "Dapper.SqlMapper")]
    public void Would_be_found_with_one(string planted, string used) =>
        Assert.Contains(Uses.DataAccessIn([Product.Plant(planted)]), violation => violation.EndsWith(used, StringComparison.Ordinal));
}
