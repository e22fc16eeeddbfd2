using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// The yardstick: PostgreSQL's own pgbench on the same server, "simple update" (-N: an update of one of the accounts, a read of it, an insert, in one transaction),
/// 32 clients, prepared statements.
/// </summary>
internal sealed class PgBench
{
    private const int AccountsPerScale = 100_000;

    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly string _program;

    private PgBench(string server, string program)
    {
        _server = new NpgsqlConnectionStringBuilder(server);
        _program = program;
    }

    /// <summary>As many accounts as there are households.</summary>
    public static async Task<PgBench> CreateAsync(string server, string program, int households, CancellationToken cancellation)
    {
        var bench = new PgBench(server, program);
        await bench.RunProgramAsync(["--initialize", "--quiet", $"--scale={Math.Max(1, households / AccountsPerScale)}"], cancellation);
        return bench;
    }

    public async Task<RunFigures> RunAsync(int seconds, CancellationToken cancellation)
    {
        var meter = ProcessorMeter.Start();
        var output = await RunProgramAsync(["--skip-some-updates", "--client=32", "--jobs=2", "--protocol=prepared", "--no-vacuum", $"--time={seconds}"], cancellation);
        var line = output.Split('\n').FirstOrDefault(line => line.StartsWith("tps = ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("pgbench told no figure: " + output);
        var perSecond = double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
        return RunFigures.Of((int)(perSecond * seconds), TimeSpan.FromSeconds(seconds), meter);
    }

    private async Task<string> RunProgramAsync(string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(_program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[$"--host={_server.Host}", $"--username={_server.Username}", .. arguments, _server.Database!])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("pgbench did not start.");
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException("pgbench failed: " + await errors);
    }
}
