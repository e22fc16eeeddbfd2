using System.Net;
using System.Text.RegularExpressions;

namespace SmartCard.Faults.Processes;

/// <summary>The real backend: the program as it is shipped, in a process of its own, on a free port of the loopback that it chooses anew at each start.</summary>
internal sealed partial class BackendProcess(IReadOnlyDictionary<string, string?> settings, string logFile) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(180);

    private ChildProcess? _process;
    private volatile IPEndPoint? _address;

    public IReadOnlyDictionary<string, string?> Settings => settings;

    /// <summary>Where it listens; null while it does not run.</summary>
    public EndPoint? Address => _address;

    public bool IsRunning => _process is { HasEnded: false };

    /// <summary>Returns once it listens.</summary>
    public async Task StartAsync()
    {
        var environment = settings.Where(setting => setting.Value is not null).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!);
        // The journal of calls is a line a call; who wants it finds it in the demonstration.
        environment["Logging__LogLevel__SmartCard"] = "Warning";
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = await ChildProcess.StartAsync(
            logFile, ["dotnet", Path.Combine(AppContext.BaseDirectory, "SmartCard.Backend.dll")], environment,
            line =>
            {
                if (Listening().Match(line) is { Success: true } match)
                    listening.TrySetResult(match.Groups["port"].Value);
            });
        var ended = _process.EndedAsync(StartPatience);
        if (await Task.WhenAny(listening.Task, ended) == ended)
            throw new InvalidOperationException($"The backend did not start: {logFile} tells why.");
        _address = new IPEndPoint(IPAddress.Loopback, int.Parse(await listening.Task, System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task KillAsync()
    {
        _address = null;
        if (_process is null)
            return;
        await _process.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    [GeneratedRegex(@"Now listening on: https://127\.0\.0\.1:(?<port>\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Listening();
}
