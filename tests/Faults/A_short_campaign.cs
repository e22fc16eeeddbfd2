using System.Diagnostics;
using System.Text.Json;

namespace SmartCard.Faults.Tests;

/// <summary>
/// Five rounds against the real thing: the backend killed, PostgreSQL killed, a terminal killed, clients' connections cut, SQLite's disk full. Needs PostgreSQL 15's programs, as
/// tools/test installs them; the small disk needs root, and is skipped without, with the reason in the summary.
/// </summary>
public sealed class A_short_campaign : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smartcard-faults-");

    [Fact]
    public async Task Ends_with_every_acknowledged_draw_there_once_and_both_ledgers_whole()
    {
        var (exit, output) = await RunAsync("--rounds", "5", "--draws", "80", "--data", Path.Combine(_folder.FullName, "campaign"));

        Assert.True(exit == 0, $"The campaign ended with {exit}:\n{output}");
        var line = output.Split('\n').Last(text => text.StartsWith("FAULTS-SUMMARY ", StringComparison.Ordinal));
        var summary = JsonDocument.Parse(line["FAULTS-SUMMARY ".Length..]).RootElement;
        Assert.Equal((0, 0), (summary.GetProperty("lost").GetInt32(), summary.GetProperty("doubled").GetInt32()));
        Assert.True(summary.GetProperty("acknowledged").GetInt32() > 4 * 80);
        Assert.Equal(("held", "held"), (summary.GetProperty("ledgerCheck").GetProperty("sqlite").GetString(), summary.GetProperty("ledgerCheck").GetProperty("postgres").GetString()));
        string[] skipped = [.. summary.GetProperty("skipped").EnumerateObject().Select(kind => kind.Name)];
        Assert.Empty(Environment.IsPrivilegedProcess ? skipped : skipped.Except(["sqliteDiskFull"]));
        Assert.All(
            new[] { "backendKilled", "postgresKilled", "terminalKilled", "clientCut", "sqliteDiskFull" }.Except(skipped),
            kind => Assert.Equal(1, summary.GetProperty("byKind").GetProperty(kind).GetInt32()));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>In a mount namespace of its own where that is allowed, as tools/faults does.</summary>
    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "SmartCard.Faults.dll"), .. arguments];
        if (Environment.IsPrivilegedProcess)
            command = ["unshare", "--mount", "--propagation", "private", .. command];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        return (process.ExitCode, await output + await errors);
    }
}
