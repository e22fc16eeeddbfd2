using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>The backend as a process of its own, so that its memory is its own. Stops with whoever started it.</summary>
internal sealed class BackendUnderTest : IAsyncDisposable
{
    private readonly Process _process;

    private BackendUnderTest(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>What it holds of the machine's memory now, in bytes.</summary>
    public long ResidentBytes => StatusBytes("VmRSS:");

    public long PeakResidentBytes => StatusBytes("VmHWM:");

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="settings">As in a settings file; given to the process in its environment.</param>
    public static async Task<BackendUnderTest> StartAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellation)
    {
        var address = FreeAddress();
        // The program's own assembly lies beside this one's, with everything that it needs.
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet");
        start.ArgumentList.Add(typeof(Backend.BackendHost).Assembly.Location);
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["Server__Listen"] = address;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        var process = Process.Start(start) ?? throw new InvalidOperationException("The backend did not start.");
        var backend = new BackendUnderTest(process, new Uri("https://" + address));
        await backend.WaitUntilListeningAsync(cancellation);
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilListeningAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The backend ended with code {_process.ExitCode}.");
            using var probe = new TcpClient();
            Task connecting = probe.ConnectAsync(Address.Host, Address.Port, cancellation).AsTask();
            await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (connecting.IsCompletedSuccessfully)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    private long StatusBytes(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
