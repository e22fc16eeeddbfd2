using Mono.Cecil;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>What code names that it should not. Each rule answers with what breaks it.</summary>
internal static class Uses
{
    private static readonly string[] DataAccess = ["Microsoft.EntityFrameworkCore", "Dapper", "Npgsql", "Microsoft.Data.Sqlite"];

    /// <summary>Types whose code touches a database library, or, of those that serve gRPC, any database at all.</summary>
    public static IEnumerable<string> DataAccessIn(IEnumerable<TypeDefinition> types) =>
        from type in types
        from mentioned in type.Mentions()
        where DataAccess.Any(library => IsIn(mentioned.Namespace, library))
            || (ServesGrpc(type.Written()) && (IsIn(mentioned.Namespace, "System.Data") || mentioned.Namespace.EndsWith(".Databases", StringComparison.Ordinal)))
        select $"{type.Written().FullName} uses {mentioned.FullName}";

    /// <summary>True for an implementation of a generated service base.</summary>
    public static bool ServesGrpc(TypeDefinition type) =>
        type.BaseType is { IsNested: true } parent && parent.Name == parent.DeclaringType.Name + "Base" && IsIn(parent.DeclaringType.Namespace, "SmartCard.Protocol.Grpc");

    /// <summary>Contracts that make their callers depend on a database library.</summary>
    public static IEnumerable<string> DataAccessInSignatures(IEnumerable<TypeDefinition> contracts) =>
        from type in contracts
        from method in type.Methods.Where(method => method.IsPublic)
        from mentioned in method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)
        where DataAccess.Any(library => mentioned.FullName.Contains(library + ".", StringComparison.Ordinal)) || mentioned.Name.StartsWith("IQueryable", StringComparison.Ordinal)
        select $"{type.FullName}.{method.Name} shows {mentioned.FullName}";

    /// <summary>Calls of what BannedSymbols.txt bans; the analyser's word is checked against the code that came out of it.</summary>
    public static IEnumerable<string> Banned(IEnumerable<TypeDefinition> types, IReadOnlySet<string> banned) =>
        from type in types
        from method in type.Bodies()
        from call in method.Calls()
        where banned.Contains(Name(call))
        select $"{type.Written().FullName}.{method.Name} calls {Name(call)}";

    /// <summary>The names of banned symbols, as <see cref="Banned"/> compares them: "System.DateTime.get_Now", "System.Random..ctor".</summary>
    public static IReadOnlySet<string> BannedNames(IEnumerable<string> lines) =>
        lines.Where(line => line.Contains(';', StringComparison.Ordinal)).Select(line => line.Split(';')[0]).Select(Name).ToHashSet();

    private static string Name(MethodReference method) => $"{method.DeclaringType.FullName}.{method.Name}" + (method.Name == ".ctor" && method.HasParameters ? "(...)" : "");

    // P:System.DateTime.Now, M:System.Guid.NewGuid, M:System.Random.#ctor
    private static string Name(string symbol)
    {
        var (kind, name) = (symbol[0], symbol[2..]);
        var dot = name.LastIndexOf('.');
        return kind == 'P' ? $"{name[..dot]}.get_{name[(dot + 1)..]}" : name.Replace("#ctor", ".ctor", StringComparison.Ordinal);
    }

    private static bool IsIn(string space, string root) => space == root || space.StartsWith(root + ".", StringComparison.Ordinal);
}
