using System.Diagnostics;
using System.Globalization;

namespace SmartCard.Faults.Processes;

/// <summary>
/// A process of its own, which can be killed as a power cut would: SIGKILL, no handler runs. A shell between it and the campaign holds its lifeline, so that it dies
/// with the campaign whatever ends that. Its lines go to a log file and to whoever waits for one.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // The shell says the pid; a second one waits for its standard input to end, which is the campaign closing it, or dying.
    private const string Lifeline = """
        exec 3<&0
        "$@" </dev/null 3<&- &
        child=$!
        echo "pid $child"
        ( read -r _ <&3; kill -9 "$child" ) 2>/dev/null &
        watch=$!
        wait "$child"
        ended=$?
        kill "$watch" 2>/dev/null
        exit "$ended"
        """;

    private readonly Process _shell;
    private readonly StreamWriter _log;
    private readonly TaskCompletionSource<int> _pid = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _turn = new();
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Seen)> _awaited = [];

    private ChildProcess(string logFile, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        _shell = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/bash", ["-c", Lifeline, "lifeline", .. command])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in environment)
            _shell.StartInfo.Environment[name] = value;
    }

    public int Pid => _pid.Task.Result;

    /// <summary>Every line that it prints, as it comes.</summary>
    public event Action<string>? Printed;

    public static async Task<ChildProcess> StartAsync(
        string logFile, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Action<string>? printed = null)
    {
        var child = new ChildProcess(logFile, command, environment);
        child.Printed += printed;
        child.Begin();
        await child._pid.Task;
        return child;
    }

    /// <summary>The first line, from now on, that fits; throws where the process ends first.</summary>
    public async Task<string> LineAsync(Func<string, bool> isIt, TimeSpan patience)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_turn)
            _awaited.Add((isIt, seen));
        var ended = _shell.WaitForExitAsync();
        if (await Task.WhenAny(seen.Task, ended).WaitAsync(patience) == ended && !seen.Task.IsCompleted)
            throw new InvalidOperationException($"A process ended before it was ready, with {_shell.ExitCode}: its log tells why.");
        return await seen.Task;
    }

    public bool HasEnded => _shell.HasExited;

    /// <summary>How it ended.</summary>
    public async Task<int> EndedAsync(TimeSpan patience)
    {
        await _shell.WaitForExitAsync().WaitAsync(patience);
        return _shell.ExitCode;
    }

    /// <summary>As a power cut: nothing of it runs on.</summary>
    public async Task KillAsync()
    {
        Signals.Kill(Pid);
        await EndedAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_shell.HasExited)
            await KillAsync();
        _shell.Dispose();
        await _log.DisposeAsync();
    }

    private void Begin()
    {
        _shell.OutputDataReceived += (_, line) => Take(line.Data);
        _shell.ErrorDataReceived += (_, line) => Take(line.Data);
        _shell.Start();
        _shell.BeginOutputReadLine();
        _shell.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (!_pid.Task.IsCompleted && line.StartsWith("pid ", StringComparison.Ordinal))
        {
            _pid.SetResult(int.Parse(line.AsSpan(4), CultureInfo.InvariantCulture));
            return;
        }
        lock (_turn)
        {
            _log.WriteLine(line);
            foreach (var (isIt, seen) in _awaited)
            {
                if (isIt(line))
                    seen.TrySetResult(line);
            }
            _awaited.RemoveAll(waiting => waiting.Seen.Task.IsCompleted);
        }
        Printed?.Invoke(line);
    }
}
