using System.Reflection;

namespace SmartCard.Testing;

/// <summary>An interface of which a test needs one method: the others throw, and may be added to without touching the test.</summary>
public class Stub : DispatchProxy
{
    private string _method = "";
    private Func<object?[], object?> _answer = _ => null;

    public static T Of<T>(string method, Func<object?[], object?> answer)
        where T : class
    {
        var proxy = Create<T, Stub>();
        var stub = (Stub)(object)proxy;
        (stub._method, stub._answer) = (method, answer);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == _method ? _answer(args ?? []) : throw new NotSupportedException($"{targetMethod?.Name} is not part of this test.");
}
