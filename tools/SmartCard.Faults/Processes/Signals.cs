using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace SmartCard.Faults.Processes;

internal static class Signals
{
    /// <summary>SIGKILL; a process that is gone already is no error.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended before us.
        }
    }

    /// <summary>The children of a process, from /proc: field 4 of a stat line, the second after the name in parentheses, is the parent.</summary>
    public static IReadOnlyList<int> ChildrenOf(int pid)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var candidate) && ParentOf(candidate) == pid)
                children.Add(candidate);
        }
        return children;
    }

    private static int? ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // ended while we looked
        }
    }
}
