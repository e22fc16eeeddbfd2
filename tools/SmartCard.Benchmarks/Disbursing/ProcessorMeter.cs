using System.Globalization;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// Processor time that this process, the backend that it started and the processes of the PostgreSQL server have used since the meter was started: what throughput
/// on a busy machine hides.
/// </summary>
internal sealed class ProcessorMeter
{
    // Fields of /proc/PID/stat after the command's name, counted from the state (proc(5)).
    private const int ParentField = 1;
    private const int UserTicksField = 11;
    private const int SystemTicksField = 12;

    // USER_HZ, which Linux shows to programs as 100 whatever it is inside.
    private const int TicksPerSecond = 100;

    private readonly TimeSpan _own = Environment.CpuUsage.TotalTime;
    private readonly TimeSpan _backend = OfBackend();
    private readonly TimeSpan _server = OfServer();

    public static ProcessorMeter Start() => new();

    public (TimeSpan Own, TimeSpan Backend, TimeSpan Server) Elapsed() => (Environment.CpuUsage.TotalTime - _own, OfBackend() - _backend, OfServer() - _server);

    private static TimeSpan OfBackend() => OfFamily(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), withParent: false);

    private static TimeSpan OfServer() => Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES_PID") is { } postmaster ? OfFamily(postmaster, withParent: true) : TimeSpan.Zero;

    // Children that have ended are not counted: the server's connections are pooled and outlive a run, and so does the backend.
    private static TimeSpan OfFamily(string parent, bool withParent)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _) || Fields(folder) is not { } fields)
                continue;
            if (fields[ParentField] == parent || (withParent && Path.GetFileName(folder) == parent))
                ticks += long.Parse(fields[UserTicksField], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTicksField], CultureInfo.InvariantCulture);
        }
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    private static string[]? Fields(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it ended meanwhile
        }
    }
}
