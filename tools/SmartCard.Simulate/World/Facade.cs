using System.Reflection;

namespace SmartCard.Simulate.World;

/// <summary>A module's facade of which a simulation needs a few methods; asked for another, it says so.</summary>
public class Facade : DispatchProxy
{
    private IReadOnlyDictionary<string, Func<object?[], object?>> _answers = new Dictionary<string, Func<object?[], object?>>();

    public static T Of<T>(params (string Method, Func<object?[], object?> Answer)[] answers)
        where T : class
    {
        var proxy = Create<T, Facade>();
        ((Facade)(object)proxy)._answers = answers.ToDictionary(answer => answer.Method, answer => answer.Answer);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var name = targetMethod?.Name ?? "";
        // A property is named by its getter.
        return _answers.TryGetValue(name.StartsWith("get_", StringComparison.Ordinal) ? name[4..] : name, out var answer)
            ? answer(args ?? [])
            : throw new NotSupportedException($"{targetMethod?.DeclaringType?.Name}.{name} is not simulated.");
    }
}
