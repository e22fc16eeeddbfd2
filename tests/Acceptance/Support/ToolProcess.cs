using System.Diagnostics;
using System.Text;

namespace SmartCard.Acceptance.Tests.Support;

/// <summary>What a finished program left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output)
{
    /// <summary>Fails with the program's own words.</summary>
    public ToolResult MustSucceed()
    {
        Assert.True(ExitCode == 0, $"The program ended with {ExitCode}:\n{Output}");
        return this;
    }
}

/// <summary>A program started by a test; killed by its process id when the test is over.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _expectations = [];

    private ToolProcess(string file, IEnumerable<string> arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static ToolProcess Start(string file, params string[] arguments) => new(file, arguments);

    /// <summary>Starts one of this solution's programs, built beside the tests.</summary>
    public static ToolProcess StartDotnet(string assembly, params string[] arguments) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments]);

    public static async Task<ToolResult> RunAsync(string file, params string[] arguments)
    {
        await using var process = Start(file, arguments);
        return await process.EndAsync();
    }

    public static async Task<ToolResult> RunDotnetAsync(string assembly, params string[] arguments)
    {
        await using var process = StartDotnet(assembly, arguments);
        return await process.EndAsync();
    }

    public async Task<ToolResult> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        lock (_output)
            return new ToolResult(_process.ExitCode, _output.ToString());
    }

    /// <summary>Waits until a line with this text has been printed.</summary>
    public Task PrintedAsync(string text)
    {
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
                return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _expectations.Add((text, seen));
            return seen.Task.WaitAsync(Patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.AppendLine(line);
            foreach (var (text, seen) in _expectations)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    seen.TrySetResult();
            }
        }
    }
}
