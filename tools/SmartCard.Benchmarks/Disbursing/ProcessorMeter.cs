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
    private readonly Dictionary<int, long> _backend = TicksOfBackend();
    private readonly Dictionary<int, long> _server = TicksOfServer();

    public static ProcessorMeter Start() => new();

    /// <summary>What has ended meanwhile is not counted: the server's connections are pooled and outlive a run, and so does the backend.</summary>
    public (TimeSpan Own, TimeSpan Backend, TimeSpan Server) Elapsed() =>
        (Environment.CpuUsage.TotalTime - _own, Between(_backend, TicksOfBackend()), Between(_server, TicksOfServer()));

    private static TimeSpan Between(Dictionary<int, long> before, Dictionary<int, long> now) =>
        TimeSpan.FromSeconds((double)now.Sum(process => process.Value - before.GetValueOrDefault(process.Key)) / TicksPerSecond);

    private static Dictionary<int, long> TicksOfBackend() => TicksOf(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), withParent: false);

    private static Dictionary<int, long> TicksOfServer() => Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES_PID") is { } postmaster ? TicksOf(postmaster, withParent: true) : [];

    /// <summary>By process, of the children of one and of itself.</summary>
    private static Dictionary<int, long> TicksOf(string parent, bool withParent)
    {
        var ticks = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            var name = Path.GetFileName(folder);
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var process) || Fields(folder) is not { } fields)
                continue;
            if (fields[ParentField] == parent || (withParent && name == parent))
                ticks[process] = long.Parse(fields[UserTicksField], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTicksField], CultureInfo.InvariantCulture);
        }
        return ticks;
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
