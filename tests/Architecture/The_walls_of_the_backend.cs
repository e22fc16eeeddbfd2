using Mono.Cecil;
using SmartCard.Architecture.Tests.Rules;

namespace SmartCard.Architecture.Tests;

public sealed class The_walls_of_the_backend
{
    [Fact]
    public void Modules_show_nothing_but_their_contracts() =>
        Assert.Empty(Product.Modules.SelectMany(Walls.PublicOutsideContracts));

    [Fact]
    public void A_public_type_beside_the_contracts_is_found() =>
        Assert.Contains("SmartCard.Architecture.Tests.Planted.PublicOutsideContracts", Walls.PublicOutsideContracts(Product.Planted));

    [Fact]
    public void Every_module_has_contracts_to_show() =>
        Assert.All(Product.Modules, module => Assert.Contains(module.MainModule.Types, type => type.IsPublic && type.Namespace == module.Name.Name + ".Contracts"));

    [Fact]
    public void Nobody_sees_through_a_wall_but_tests_and_what_simulates_and_measures() =>
        Assert.Empty(Product.All.Except(Product.Tools).SelectMany(Walls.FriendsBesidesTests));

    [Fact]
    public void A_friend_that_is_no_test_is_found()
    {
        using var assembly = InMemory("SmartCard.Backend.Planted");
        var attribute = new CustomAttribute(assembly.MainModule.ImportReference(
            typeof(System.Runtime.CompilerServices.InternalsVisibleToAttribute).GetConstructor([typeof(string)])));
        attribute.ConstructorArguments.Add(new CustomAttributeArgument(assembly.MainModule.TypeSystem.String, "SmartCard.Backend.Cards"));
        assembly.CustomAttributes.Add(attribute);

        Assert.Equal(["SmartCard.Backend.Cards"], Walls.FriendsBesidesTests(assembly));
    }

    [Fact]
    public void References_never_lead_back() =>
        Assert.Null(Walls.Cycle([.. Product.All, Product.Wire]));

    [Fact]
    public void A_reference_that_leads_back_is_found()
    {
        using var first = InMemory("First", "Second");
        using var second = InMemory("Second", "Third");
        using var third = InMemory("Third", "First");

        Assert.Equal("First > Second > Third > First", Walls.Cycle([first, second, third]));
    }

    [Fact]
    public void The_shared_kernel_knows_no_module() =>
        Assert.DoesNotContain(Product.ModuleNames, name => Walls.Refers(Product.Platform, "SmartCard.Backend." + name));

    [Fact]
    public void No_module_knows_the_host() =>
        Assert.DoesNotContain(Product.Modules, module => Walls.Refers(module, "SmartCard.Backend"));

    [Fact]
    public void The_wire_is_known_to_no_module_but_the_ledger_that_keeps_its_bytes() =>
        Assert.DoesNotContain(
            Product.Modules.Append(Product.Platform).Except([Product.Module("Disbursements")]), module => Walls.Refers(module, "SmartCard.Protocol.Grpc"));

    [Fact]
    public void A_reference_is_seen_where_there_is_one() =>
        Assert.True(Walls.Refers(Product.Planted, "SmartCard.Protocol.Grpc"));

    [Fact]
    public void Contracts_do_not_tie_their_callers_to_a_database() =>
        Assert.Empty(Uses.DataAccessInSignatures(Product.Modules.SelectMany(module => module.MainModule.Types.Where(type => type.IsPublic))));

    [Fact]
    public void A_contract_with_a_query_is_found() =>
        Assert.Single(Uses.DataAccessInSignatures([Product.Plant("IContractWithAQuery")]));

    private static AssemblyDefinition InMemory(string name, params string[] references)
    {
        var assembly = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition(name, new Version(1, 0)), name, ModuleKind.Dll);
        foreach (var reference in references)
            assembly.MainModule.AssemblyReferences.Add(new AssemblyNameReference(reference, new Version(1, 0)));
        return assembly;
    }
}
