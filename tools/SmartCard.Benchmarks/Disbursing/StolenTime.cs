using System.Globalization;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// How much of a virtual machine's processors its host gave to others, since the start: "steal" in /proc/stat, proc(5). Above a few hundredths a machine is not quiet, and what
/// is measured on it says little.
/// </summary>
internal sealed class StolenTime
{
    private readonly (long Stolen, long All) _started = Read();

    public double Percent()
    {
        var now = Read();
        var all = now.All - _started.All;
        return all == 0 ? 0 : Math.Round(100.0 * (now.Stolen - _started.Stolen) / all, 1);
    }

    private static (long Stolen, long All) Read()
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; the last two are part of the first two.
        const int StealIndex = 7;
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(StealIndex + 1)
            .Select(time => long.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        return (times[StealIndex], times.Sum());
    }
}
