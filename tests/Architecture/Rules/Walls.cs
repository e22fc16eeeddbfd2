using Mono.Cecil;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>What an assembly shows, whom it lets in and whom it leans on. Each rule answers with what breaks it.</summary>
internal static class Walls
{
    /// <summary>Public types whose namespace is not <c>(assembly).Contracts</c>.</summary>
    public static IEnumerable<string> PublicOutsideContracts(AssemblyDefinition module) => PublicOutside(module, module.Name.Name + ".Contracts");

    public static IEnumerable<string> PublicOutside(AssemblyDefinition module, string contracts) =>
        module.MainModule.Types.Where(type => type.IsPublic && type.Namespace != contracts).Select(type => type.FullName);

    /// <summary>They simulate and measure what is behind the walls, as tests do, and no product refers to them.</summary>
    private static readonly string[] Provers = ["SmartCard.Simulate", "SmartCard.Benchmarks"];

    /// <summary>Friends that prove nothing: a friend sees through the wall.</summary>
    public static IEnumerable<string> FriendsBesidesTests(AssemblyDefinition assembly) =>
        assembly.CustomAttributes
            .Where(attribute => attribute.AttributeType.Name == "InternalsVisibleToAttribute")
            .Select(attribute => (string)attribute.ConstructorArguments[0].Value)
            .Where(friend => !friend.EndsWith(".Tests", StringComparison.Ordinal) && !Provers.Contains(friend));

    /// <summary>References that are neither the platform's own libraries nor allowed by name.</summary>
    public static IEnumerable<string> ReferencesBeyond(AssemblyDefinition assembly, params string[] allowed) =>
        References(assembly).Where(name => !IsOfThePlatform(name) && !allowed.Contains(name));

    public static bool Refers(AssemblyDefinition assembly, string to) => References(assembly).Contains(to);

    /// <summary>A way from an assembly back to itself, as "A > B > A"; null where there is none.</summary>
    public static string? Cycle(IEnumerable<AssemblyDefinition> assemblies)
    {
        var references = assemblies.ToDictionary(assembly => assembly.Name.Name, assembly => References(assembly).ToArray());
        return references.Keys.Select(start => WayBack(references, [start])).FirstOrDefault(way => way is not null);
    }

    private static string? WayBack(Dictionary<string, string[]> references, IReadOnlyList<string> way)
    {
        foreach (var next in references[way[^1]].Where(references.ContainsKey))
        {
            if (next == way[0])
                return string.Join(" > ", way.Append(next));
            if (!way.Contains(next) && WayBack(references, [.. way, next]) is { } found)
                return found;
        }
        return null;
    }

    private static IEnumerable<string> References(AssemblyDefinition assembly) => assembly.MainModule.AssemblyReferences.Select(reference => reference.Name);

    // What stands in the runtime's own folder; packages such as Microsoft.EntityFrameworkCore do not.
    private static bool IsOfThePlatform(string name) => File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll"));
}
