using Mono.Cecil;
using Mono.Cecil.Cil;
using CecilCode = Mono.Cecil.Cil.Code;

namespace SmartCard.Architecture.Tests.Rules;

/// <summary>
/// Handlers that take every exception and go on as if nothing had happened. Taking everything to clean up and throw again is fine, and so is a
/// filter that names what it takes.
/// </summary>
internal static class Catching
{
    public static IEnumerable<string> Swallowed(IEnumerable<TypeDefinition> types) =>
        from type in types
        from method in type.Bodies()
        where method.Body.ExceptionHandlers.Any(handler => TakesEverything(handler) && GoesOn(handler, method))
        select $"{type.Written().FullName} swallows in {method.Name} of {type.Name}";

    private static bool TakesEverything(ExceptionHandler handler) => handler.HandlerType switch
    {
        ExceptionHandlerType.Catch => IsEverything(handler.CatchType),
        ExceptionHandlerType.Filter => Between(handler.FilterStart, handler.HandlerStart)
            .Where(instruction => instruction.OpCode == OpCodes.Isinst)
            .All(instruction => IsEverything((TypeReference)instruction.Operand)),
        _ => false,
    };

    private static bool IsEverything(TypeReference caught) => caught.FullName is "System.Exception" or "System.Object";

    private static bool GoesOn(ExceptionHandler handler, MethodDefinition method)
    {
        var inside = Between(handler.HandlerStart, handler.HandlerEnd).ToArray();
        var calls = inside.Select(instruction => instruction.Operand).OfType<MethodReference>().ToArray();
        // The end of an async method or iterator hands the exception to the task.
        if (calls.Any(call => call.Name is "SetException"))
            return false;
        var leaves = inside.Any(instruction => instruction.OpCode.Code is CecilCode.Leave or CecilCode.Leave_S);
        return leaves && !IsKeptForLater(inside, calls, method);
    }

    // An await in a finally, an await using or a catch is compiled to: keep the exception, leave, await, throw it again.
    private static bool IsKeptForLater(Instruction[] inside, MethodReference[] calls, MethodDefinition method) =>
        calls.Length == 0
        && inside.Any(instruction => instruction.OpCode.Code is CecilCode.Stfld or CecilCode.Stloc or CecilCode.Stloc_S or CecilCode.Stloc_0 or CecilCode.Stloc_1 or CecilCode.Stloc_2 or CecilCode.Stloc_3)
        && inside[0].OpCode != OpCodes.Pop
        && method.Calls().Any(call => call.DeclaringType.Name == "ExceptionDispatchInfo" && call.Name == "Throw");

    private static IEnumerable<Instruction> Between(Instruction start, Instruction? end)
    {
        for (var instruction = start; instruction is not null && instruction != end; instruction = instruction.Next)
            yield return instruction;
    }
}
