using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SmartCard.Faults.Processes;

/// <summary>
/// A private PostgreSQL on a Unix socket, durable as it is shipped (fsync and synchronous_commit on). It may be killed with all its children at once, as when the
/// machine loses its power, and started again on what is on the disk.
/// </summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string User = "smartcard";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(180);

    // Small, so that a small disk is filled by data and not by logs kept for reuse.
    private static readonly string[] WalSettings = ["-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB", "-c", "max_connections=100"];

    private readonly string _data;
    private readonly string _sockets;
    private readonly string _logFile;
    private ChildProcess? _process;

    private PostgresProcess(string data, string sockets, string logFile) => (_data, _sockets, _logFile) = (data, sockets, logFile);

    public EndPoint Address => new UnixDomainSocketEndPoint(Path.Combine(_sockets, ".s.PGSQL.5432"));

    /// <summary>Straight to it, past the proxy.</summary>
    public string ConnectionString => $"Host={_sockets};Username={User};Database={User};Pooling=false";

    /// <summary>Makes a cluster in <paramref name="data"/> and starts it.</summary>
    public static async Task<PostgresProcess> CreateAsync(string data, string logFile)
    {
        // A socket's path is at most 107 bytes, so it cannot lie in a folder of the caller's choice.
        var postgres = new PostgresProcess(data, Directory.CreateTempSubdirectory("faults-").FullName, logFile);
        await RunAsync([.. Unprivileged(), $"{Programs}/initdb", $"--pgdata={data}", $"--username={User}", "--auth=trust", "--encoding=UTF8", "--no-locale"]);
        await postgres.StartAsync();
        await RunAsync([$"{Programs}/createdb", $"--host={postgres._sockets}", $"--username={User}", User]);
        return postgres;
    }

    /// <summary>Starts it and waits until it has recovered and takes connections.</summary>
    public async Task StartAsync()
    {
        _process = await ChildProcess.StartAsync(
            _logFile, [.. Unprivileged(), $"{Programs}/postgres", "-D", _data, "-k", _sockets, "-c", "listen_addresses=", .. WalSettings], new Dictionary<string, string>());
        if (!await AnswersInTimeAsync())
            throw new InvalidOperationException($"PostgreSQL did not start: {_logFile} tells why.");
    }

    /// <summary>Waits until it answers; where it ended, because the disk was full for its recovery too, it is started again.</summary>
    public async Task ReviveAsync()
    {
        if (!await AnswersInTimeAsync())
        {
            await KillAsync();
            await StartAsync();
        }
    }

    /// <summary>The postmaster and every child of it, at once.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        var children = Signals.ChildrenOf(_process.Pid);
        Signals.Kill(_process.Pid);
        foreach (var child in children)
            Signals.Kill(child);
        await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_sockets, recursive: true);
    }

    /// <summary>PostgreSQL refuses root. In a user namespace root is called nobody, yet may still enter every folder (tools/lib/postgres.sh does the same).</summary>
    private static string[] Unprivileged() => Environment.IsPrivilegedProcess ? ["unshare", "--user", "--map-user=nobody", "--map-group=nogroup"] : [];

    private async Task<bool> AnswersInTimeAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (_process is not { HasEnded: false } || Stopwatch.GetElapsedTime(began) > StartPatience)
                return false;
            await Task.Delay(20);
        }
        return true;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection($"Host={_sockets};Username={User};Database=postgres;Pooling=false;Timeout=5");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // not there yet, or still recovering
        }
    }

    private static async Task RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await output}{errors}");
    }
}
