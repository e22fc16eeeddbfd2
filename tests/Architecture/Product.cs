using Mono.Cecil;

namespace SmartCard.Architecture.Tests;

/// <summary>The product's assemblies as they were built, read and not loaded.</summary>
internal static class Product
{
    public static readonly string[] ModuleNames =
        ["Registry", "Programmes", "Cards", "Merchants", "Disbursements", "Reconciliation"];

    private const string ModulePrefix = "SmartCard.Backend.";

    private static readonly ReaderParameters Reading = new() { AssemblyResolver = Resolver() };

    public static IReadOnlyList<AssemblyDefinition> Modules { get; } = [.. ModuleNames.Select(name => Read(ModulePrefix + name))];

    public static AssemblyDefinition Platform { get; } = Read("SmartCard.Backend.Platform");

    public static AssemblyDefinition Host { get; } = Read("SmartCard.Backend");

    public static AssemblyDefinition Protocol { get; } = Read("SmartCard.Protocol");

    /// <summary>Made by a generator: its numbers and references count, its style does not.</summary>
    public static AssemblyDefinition Wire { get; } = Read("SmartCard.Protocol.Grpc");

    public static AssemblyDefinition CardOs { get; } = Read("SmartCard.CardOs");

    public static AssemblyDefinition TerminalAgent { get; } = Read("SmartCard.TerminalAgent");

    public static IReadOnlyList<AssemblyDefinition> Tools { get; } = [Read("SmartCard.Cardctl"), Read("SmartCard.Demo"), Read("SmartCard.LedgerCheck")];

    /// <summary>Everything that somebody here wrote for use.</summary>
    public static IReadOnlyList<AssemblyDefinition> All { get; } = [.. Modules, Platform, Host, Protocol, CardOs, TerminalAgent, .. Tools];

    /// <summary>This assembly, in which violations are planted.</summary>
    public static AssemblyDefinition Planted { get; } = Read("SmartCard.Architecture.Tests");

    public static AssemblyDefinition Module(string name) => Modules[Array.IndexOf(ModuleNames, name)];

    public static TypeDefinition Plant(string name) =>
        Planted.MainModule.GetType($"SmartCard.Architecture.Tests.Planted.{name}") ?? throw new InvalidOperationException($"Nothing is planted under the name {name}.");

    public static TypeDefinition Type(AssemblyDefinition assembly, string fullName) =>
        assembly.MainModule.GetType(fullName) ?? throw new InvalidOperationException($"{assembly.Name.Name} has no {fullName}.");

    private static AssemblyDefinition Read(string name) =>
        AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, name + ".dll"), Reading);

    private static DefaultAssemblyResolver Resolver()
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        return resolver;
    }
}
