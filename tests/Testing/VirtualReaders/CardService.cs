using System.Diagnostics;

namespace SmartCard.Testing.VirtualReaders;

/// <summary>The pcscd that serves the virtual readers, for tests of what happens without it. Such tests run when no other uses a reader.</summary>
public static class CardService
{
    private const string PidFile = "/run/pcscd/pcscd.pid";
    private const string Socket = "/run/pcscd/pcscd.comm";

    /// <summary>Ends it as a crash does: nothing is tidied up, every card loses power.</summary>
    public static async Task KillAsync()
    {
        using var service = Process.GetProcessById(int.Parse((await File.ReadAllTextAsync(PidFile)).Trim('\0', '\n')));
        service.Kill();
        await service.WaitForExitAsync();
        File.Delete(Socket);
    }

    /// <summary>Starts it again with the same readers. It lives on after the test; tools/lib/pcscd-namespace.sh stops it.</summary>
    public static async Task StartAsync()
    {
        var configuration = Environment.GetEnvironmentVariable("SMARTCARD_PCSCD_CONFIG")!;
        using var service = Process.Start("pcscd", ["--foreground", "--critical", "--config", configuration]);
        while (!File.Exists(Socket))
        {
            if (service.HasExited)
                throw new InvalidOperationException($"pcscd did not start: exit code {service.ExitCode}.");
            await Task.Delay(10);
        }
    }
}
