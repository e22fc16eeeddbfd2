using System.Diagnostics;
using System.Text.Json;
using SmartCard.LedgerCheck.Tests.Support;

namespace SmartCard.LedgerCheck.Tests;

/// <summary>Exit 0 where all held, 1 where something is broken, 2 where nothing could be read or the options are wrong; the last line is a summary for programs.</summary>
public sealed class The_command_line(SqliteWrittenLedger written) : IClassFixture<SqliteWrittenLedger>
{
    [Fact]
    public async Task Ends_with_0_and_a_summary_where_all_held()
    {
        await using var ledger = await written.CopyAsync();

        var (exit, output) = await RunAsync([.. ledger.Arguments]);

        var summary = SummaryOf(output);
        Assert.Equal((0, 0, 3), (exit, summary.GetProperty("broken").GetInt32(), summary.GetProperty("notApplicable").GetInt32()));
        Assert.True(summary.GetProperty("rows").GetInt64() > 100);
        Assert.Contains("not applicable  settlement-lines: settlements do not exist in this schema yet", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_with_1_and_shows_the_rows_where_something_is_broken()
    {
        await using var ledger = await written.CopyAsync();
        await ledger.SpoilAsync("UPDATE [credits] SET amount = 7");

        var (exit, output) = await RunAsync([.. ledger.Arguments]);

        Assert.Equal(1, exit);
        Assert.Contains("amount=7 credited=100", output, StringComparison.Ordinal);
        Assert.Equal("credit-moves", SummaryOf(output).GetProperty("brokenChecks")[0].GetString());
    }

    [Fact]
    public async Task Prints_the_same_as_JSON()
    {
        await using var ledger = await written.CopyAsync();
        await ledger.SpoilAsync("UPDATE [credits] SET amount = 7");

        var (_, output) = await RunAsync([.. ledger.Arguments, "--json", "--rows", "1"]);

        using var report = JsonDocument.Parse(output[..output.IndexOf("LEDGERCHECK-SUMMARY", StringComparison.Ordinal)]);
        var check = report.RootElement[1].GetProperty("checks").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "credit-moves");
        Assert.Equal(("Broken", "7"), (check.GetProperty("verdict").GetString(), check.GetProperty("rows")[0].GetProperty("amount").GetString()));
    }

    [Theory]
    [InlineData]
    [InlineData("--sqlite", "/nowhere/smartcard.db")]
    [InlineData("--sqlite", "a", "--postgres", "b")]
    [InlineData("--postgres", "Host=/nowhere;Username=nobody;Timeout=1")]
    [InlineData("--postgres", "no connection string")]
    [InlineData("--sqlite", "/dev/null")]
    [InlineData("--sqlite", "a", "--rows", "0")]
    public async Task Ends_with_2_where_there_is_nothing_to_read(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).Exit);

    [Fact]
    public void Shares_no_code_with_what_it_checks() =>
        Assert.DoesNotContain(typeof(LedgerChecker).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("SmartCard", StringComparison.Ordinal));

    private static JsonElement SummaryOf(string output)
    {
        var line = output.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("LEDGERCHECK-SUMMARY ", line, StringComparison.Ordinal);
        return JsonDocument.Parse(line["LEDGERCHECK-SUMMARY ".Length..]).RootElement.Clone();
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SmartCard.LedgerCheck.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
