using System.Diagnostics;

namespace SmartCard.Testing.VirtualReaders;

/// <summary>A card that nobody here wrote: vsmartcard's emulator, on a virtual reader.</summary>
public sealed class ForeignCard : IDisposable
{
    private readonly Process _emulator;

    private ForeignCard(Process emulator) => _emulator = emulator;

    /// <param name="type">As the emulator calls it: iso7816, or ePass for a passport.</param>
    public static ForeignCard Insert(VirtualReader reader, string type)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "vicc.py");
        var start = new ProcessStartInfo("/usr/bin/python3", [program, "--type", type, "--hostname", "localhost", "--port", $"{reader.Port}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var emulator = Process.Start(start)!;
        emulator.BeginOutputReadLine();
        emulator.BeginErrorReadLine();
        return new ForeignCard(emulator);
    }

    public void Dispose()
    {
        _emulator.Kill();
        _emulator.WaitForExit();
        _emulator.Dispose();
    }
}
