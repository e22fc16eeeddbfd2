using System.Runtime.CompilerServices;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>A text as it was when somebody last looked at it, kept in Snapshots/ beside this file.</summary>
internal static class Snapshot
{
    private const string Folder = "Snapshots";
    private const string Variable = "SMARTCARD_SNAPSHOTS";

    public static void Matches(string name, string actual, [CallerFilePath] string test = "")
    {
        var lines = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(Variable) == "write")
        {
            var folder = Path.Combine(Path.GetDirectoryName(test)!, Folder);
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, name), lines);
            return;
        }
        // Not from the source: a build for release does not know where that is.
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reconciliation", Folder, name)), lines);
    }
}
