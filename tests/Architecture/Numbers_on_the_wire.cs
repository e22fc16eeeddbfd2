using Mono.Cecil;
using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class Numbers_on_the_wire
{
    [Theory]
    [InlineData("Disbursements", "DeclineReason")]
    [InlineData("Disbursements", "ReversalReason")]
    [InlineData("Disbursements", "ReversalResult")]
    [InlineData("Cards", "CardState")]
    [InlineData("Reconciliation", "ReportFormat")]
    [InlineData("Reconciliation", "BreakKind")]
    public void Are_those_of_the_modules(string module, string enumeration) =>
        Assert.Empty(Numbers.Differences(Product.Type(Product.Module(module), $"SmartCard.Backend.{module}.Contracts.{enumeration}"), OnTheWire(enumeration)));

    [Fact]
    public void Of_units_are_those_of_the_card() =>
        Assert.Empty(Numbers.Differences(Product.Type(Product.Protocol, "SmartCard.Protocol.Transactions.QuantityUnit"), OnTheWire("QuantityUnit")));

    [Fact]
    public void Are_found_where_they_differ() =>
        Assert.Equal(
            ["TwoAndThree alone has Three = 3", "the wire's TwoAndFour alone has Three = 4"],
            Numbers.Differences(Product.Plant("TwoAndThree"), Product.Plant("TwoAndFour")));

    private static TypeDefinition OnTheWire(string enumeration) => Product.Type(Product.Wire, "SmartCard.Protocol.Grpc.V1." + enumeration);
}
