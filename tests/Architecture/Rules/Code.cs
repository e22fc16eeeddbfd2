using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>Ways through an assembly that several rules share.</summary>
internal static class Code
{
    public static IEnumerable<TypeDefinition> Types(this AssemblyDefinition assembly) => assembly.MainModule.GetAllTypes();

    public static IEnumerable<MethodDefinition> Bodies(this TypeDefinition type) => type.Methods.Where(method => method.HasBody);

    /// <summary>The type that a reader sees in the source: not the compiler's closure or state machine inside it.</summary>
    public static TypeDefinition Written(this TypeDefinition type)
    {
        while (type.IsNested && type.Name.Contains('<', StringComparison.Ordinal))
            type = type.DeclaringType;
        return type;
    }

    /// <summary>Every type that a type's own declarations and code name, each once.</summary>
    public static IEnumerable<TypeReference> Mentions(this TypeDefinition type)
    {
        var declared = type.Fields.Select(field => field.FieldType)
            .Concat(type.Methods.SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)))
            .Concat(type.Interfaces.Select(implemented => implemented.InterfaceType))
            .Concat(type.BaseType is null ? [] : [type.BaseType]);
        var used = type.Bodies().SelectMany(method => method.Body.Instructions).SelectMany(Operands)
            .Concat(type.Bodies().SelectMany(method => method.Body.Variables).Select(variable => variable.VariableType));
        return declared.Concat(used).SelectMany(Parts).DistinctBy(mentioned => mentioned.FullName);
    }

    public static IEnumerable<MethodReference> Calls(this MethodDefinition method) =>
        method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>();

    private static IEnumerable<TypeReference> Operands(Instruction instruction) => instruction.Operand switch
    {
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        TypeReference type => [type],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };
}
