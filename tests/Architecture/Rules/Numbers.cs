using Mono.Cecil;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>Enumerations that exist twice, in the code and on the wire, and have to be one.</summary>
internal static class Numbers
{
    /// <summary>Names or numbers that only one of the two has; the wire's zero ("unspecified") aside.</summary>
    public static IEnumerable<string> Differences(TypeDefinition code, TypeDefinition wire)
    {
        var (ours, theirs) = (Values(code), Values(wire));
        return ours.Except(theirs).Select(only => $"{code.Name} alone has {only}")
            .Concat(theirs.Except(ours).Select(only => $"the wire's {wire.Name} alone has {only}"));
    }

    private static HashSet<string> Values(TypeDefinition enumeration) =>
        enumeration.Fields.Where(field => field.HasConstant && Convert.ToInt64(field.Constant) != 0).Select(field => $"{field.Name} = {field.Constant}").ToHashSet();
}
