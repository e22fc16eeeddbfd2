using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Hosting;

/// <summary>Where the backend listens; configuration section <see cref="Section"/>.</summary>
internal sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>IP address and port, such as "0.0.0.0:7443" or "[::1]:7443"; port 0 takes a free one.</summary>
    public string Listen { get; set; } = "127.0.0.1:7443";

    /// <summary>Host names and IP addresses by which terminals reach this server, separated by commas: what its certificate says.</summary>
    public string Names { get; set; } = "localhost,127.0.0.1";

    /// <summary>Connections at the same time; one more is closed at once.</summary>
    public int ConnectionsMax { get; set; } = 100_000;

    /// <summary>Calls that one terminal may make for long, each second; a request of a stream counts like a call.</summary>
    public int TerminalCallsPerSecond { get; set; } = 100;

    /// <summary>Calls that one terminal may make at once after a while of silence.</summary>
    public int TerminalCallsAtOnce { get; set; } = 1_000;

    public IPEndPoint EndPoint => TryParse(Listen, out var endPoint) ? endPoint : throw new InvalidOperationException("The address is validated at start-up.");

    public IReadOnlyList<string> NameList => Names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal static bool TryParse(string? text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        var colon = text?.LastIndexOf(':') ?? -1;
        // IPEndPoint reads a bare address as port 0, which is never what was meant.
        return colon > 0
            && IPAddress.TryParse(text.AsSpan(0, colon), out _)
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(text!, out endPoint);
    }
}

/// <summary>Stops the start with a sentence that names the setting and what it may be.</summary>
internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var problems = new List<string>();
        if (!ServerOptions.TryParse(options.Listen, out _))
            problems.Add($"Server:Listen is \"{options.Listen}\"; it has to be an IP address and a port such as \"0.0.0.0:7443\" or \"[::]:7443\", with port 0 for a free one.");
        if (options.NameList.Count == 0 || options.NameList.Any(host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
            problems.Add($"Server:Names is \"{options.Names}\"; it has to be host names or IP addresses separated by commas, such as \"backend.example,192.0.2.1\".");
        if (options.ConnectionsMax < 1)
            problems.Add($"Server:ConnectionsMax is {options.ConnectionsMax}; it has to be 1 or more.");
        if (options.TerminalCallsPerSecond is < 1 or > 1_000_000)
            problems.Add($"Server:TerminalCallsPerSecond is {options.TerminalCallsPerSecond}; it has to be 1 to 1000000.");
        if (options.TerminalCallsAtOnce is < 1 or > 1_000_000)
            problems.Add($"Server:TerminalCallsAtOnce is {options.TerminalCallsAtOnce}; it has to be 1 to 1000000.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
