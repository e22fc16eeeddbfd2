using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class The_protocol_and_the_card
{
    [Fact]
    public void The_protocol_leans_on_the_platform_alone() =>
        Assert.Empty(Walls.ReferencesBeyond(Product.Protocol));

    [Fact]
    public void The_card_leans_on_the_protocol_alone() =>
        Assert.Empty(Walls.ReferencesBeyond(Product.CardOs, "SmartCard.Protocol"));

    [Fact]
    public void The_terminal_knows_neither_card_nor_backend() =>
        Assert.DoesNotContain(
            Product.TerminalAgent.MainModule.AssemblyReferences,
            reference => reference.Name == "SmartCard.CardOs" || reference.Name.StartsWith("SmartCard.Backend", StringComparison.Ordinal));

    [Fact]
    public void A_package_that_somebody_leans_on_is_found() =>
        Assert.Contains("Mono.Cecil", Walls.ReferencesBeyond(Product.Planted));
}
