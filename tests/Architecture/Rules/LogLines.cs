using Mono.Cecil;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>
/// Log methods are generated from attributes, and take only what cannot be a person or a key: numbers, words, instants, ids that print
/// themselves masked. Bytes and whole objects stay out.
/// </summary>
internal static class LogLines
{
    private static readonly HashSet<string> Allowed =
    [
        "System.String", "System.Boolean", "System.Byte", "System.UInt16", "System.Int16", "System.Int32", "System.UInt32", "System.Int64", "System.Double",
        "System.TimeSpan", "System.DateOnly", "System.DateTimeOffset", "System.Uri", "System.Net.IPEndPoint",
        "Microsoft.Extensions.Logging.ILogger",
    ];

    private static readonly string[] AllowedNamespaces = ["SmartCard.Backend.Platform", "SmartCard.Protocol.Transactions"];

    private static readonly string[] Telling = ["name", "nationalid", "fulldigits", "pan", "pin", "puk", "key", "secret", "passphrase", "activationcode"];

    /// <summary>Parameters of log methods that may carry what a log must not hold.</summary>
    public static IEnumerable<string> Indiscreet(IEnumerable<TypeDefinition> types) =>
        from type in types
        from method in type.Methods.Where(IsLogMethod)
        from parameter in method.Parameters
        where !IsAllowed(parameter.ParameterType) || Telling.Contains(parameter.Name.ToLowerInvariant())
        select $"{type.FullName}.{method.Name} takes {parameter.ParameterType.Name} {parameter.Name}";

    /// <summary>Calls of LogInformation and its kin: text that is put together whether or not it is wanted, out of anything.</summary>
    public static IEnumerable<string> Unsourced(IEnumerable<TypeDefinition> types) =>
        from type in types
        from method in type.Bodies()
        from call in method.Calls()
        where call.DeclaringType.FullName == "Microsoft.Extensions.Logging.LoggerExtensions" && call.Name.StartsWith("Log", StringComparison.Ordinal)
        select $"{type.Written().FullName}.{method.Name} calls {call.Name}";

    private static bool IsLogMethod(MethodDefinition method) => method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "LoggerMessageAttribute");

    private static bool IsAllowed(TypeReference type)
    {
        if (type is GenericInstanceType { ElementType.FullName: "System.Nullable`1" } nullable)
            return IsAllowed(nullable.GenericArguments[0]);
        if (Allowed.Contains(type.FullName) || IsException(type))
            return true;
        return type.IsValueType && (IsEnum(type) || AllowedNamespaces.Contains(type.Namespace));
    }

    private static bool IsEnum(TypeReference type) => type.Resolve() is { IsEnum: true };

    private static bool IsException(TypeReference type)
    {
        for (var at = type.Resolve(); at is not null; at = at.BaseType?.Resolve())
        {
            if (at.FullName == "System.Exception")
                return true;
        }
        return false;
    }
}
