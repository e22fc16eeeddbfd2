using System.Diagnostics;

namespace SmartCard.Backend.Tests.Host;

/// <summary>The program itself, started with a setting that cannot be: one sentence, exit code 78, no stack trace.</summary>
public sealed class Starting_with_wrong_settings
{
    [Theory]
    [InlineData("--Server:Listen=localhost", "Server:Listen is \"localhost\"; it has to be an IP address and a port")]
    [InlineData("--Server:Listen=127.0.0.1:99999", "Server:Listen")]
    [InlineData("--Server:Names=", "Server:Names is \"\"; it has to be host names or IP addresses separated by commas")]
    [InlineData("--Server:ConnectionsMax=0 --Database:Provider=oracle", "Database:Provider is \"oracle\"")]
    [InlineData("--Server:TerminalCallsPerSecond=0", "Server:TerminalCallsPerSecond is 0; it has to be 1 to 1000000")]
    [InlineData("--Server:TerminalCallsAtOnce=-1", "Server:TerminalCallsAtOnce")]
    [InlineData("--Server:ConnectionsMax=0", "Server:ConnectionsMax is 0; it has to be 1 or more")]
    [InlineData("--Database:Provider=oracle", "Database:Provider is \"oracle\"; it may be \"sqlite\" or \"postgres\"")]
    [InlineData("--Secrets:Passphrase=short", "Secrets:Passphrase has 5 characters; it has to have at least 12")]
    [InlineData("--Programmes:Profile=XX", "Programmes:Profile may be \"EG\"")]
    public async Task Names_the_setting_and_what_it_may_be(string argument, string sentence)
    {
        var (exitCode, output, error) = await RunAsync(argument);

        Assert.Equal(78, exitCode);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_database_that_does_not_answer()
    {
        var (exitCode, _, error) = await RunAsync("--Database:Provider=postgres --Database:ConnectionString=Host=127.0.0.1;Port=1;Database=none;Timeout=2");

        Assert.Equal(69, exitCode);
        Assert.Contains("Database:ConnectionString", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string argument)
    {
        var folder = Directory.CreateTempSubdirectory("smartcard-start-");
        try
        {
            var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName };
            start.Environment["Secrets__Passphrase"] = "for tests alone";
            start.ArgumentList.Add(typeof(BackendHost).Assembly.Location);
            foreach (var one in argument.Split(' '))
                start.ArgumentList.Add(one);
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await process.WaitForExitAsync(late.Token);
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
