namespace SmartCard.Acceptance.Tests.Support;

/// <summary>One of the virtual readers of the pcscd that tools/test runs the tests under.</summary>
internal sealed record VirtualReader(string Name, int Port)
{
    /// <summary>All of them; each test class takes one of its own, so that classes may run side by side.</summary>
    public static IReadOnlyList<VirtualReader> All { get; } = Read();

    public string Address => $"127.0.0.1:{Port}";

    static VirtualReader[] Read()
    {
        var text = Environment.GetEnvironmentVariable("SMARTCARD_VIRTUAL_READERS")
            ?? throw new InvalidOperationException("These tests need pcscd with its virtual readers: run them with tools/test.");
        return [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    static VirtualReader Parse(string entry)
    {
        var equals = entry.LastIndexOf('=');
        return new VirtualReader(entry[..equals], int.Parse(entry[(equals + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}
