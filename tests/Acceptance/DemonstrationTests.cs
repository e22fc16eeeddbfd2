using System.Text.Json;
using SmartCard.Acceptance.Tests.Support;

namespace SmartCard.Acceptance.Tests;

/// <summary>
/// The main job, small, each way that it can be run: on SQLite with readers inside the process; on PostgreSQL; through pcscd and its
/// virtual readers. It checks itself that every situation of the day ends as it must; what is added here is that the figures agree with each other.
/// </summary>
[Collection(AllVirtualReaders.Name)]
public sealed class DemonstrationTests : IDisposable
{
    private const string SummaryPrefix = "DEMO-SUMMARY ";
    private const string Households = "220";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task The_day_runs_on_SQLite_with_nothing_installed() => RunAsync();

    [Fact]
    public Task The_day_runs_on_PostgreSQL() => RunAsync("--database", "postgres");

    [Fact]
    public Task The_day_runs_through_pcscd_on_PostgreSQL() => RunAsync("--pcsc", "--database", "postgres");

    [Fact]
    public async Task The_same_seed_makes_the_same_day()
    {
        var first = await RunAsync("--seed", "7");
        var second = await RunAsync("--seed", "7");

        foreach (var figure in new[] { "taps", "approved", "offline", "reversed", "ledgerLines", "matched", "refundsMatched", "disbursedMinor", "citizensPaidMinor" })
            Assert.Equal(first.GetProperty(figure).GetInt64(), second.GetProperty(figure).GetInt64());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<JsonElement> RunAsync(params string[] options)
    {
        var run = await ToolProcess.RunDotnetAsync(
            "SmartCard.Demo", ["--once", "--households", Households, "--data", _folder["demo"], .. options]);
        run.MustSucceed();

        var line = run.Output.Split('\n').Last(text => text.StartsWith(SummaryPrefix, StringComparison.Ordinal));
        var summary = JsonDocument.Parse(line[SummaryPrefix.Length..]).RootElement.Clone();
        var breaks = summary.GetProperty("breaks");
        var outcomes = summary.GetProperty("approved").GetInt32() + summary.GetProperty("offline").GetInt32()
            + Sum(summary.GetProperty("declined")) - summary.GetProperty("declinedLater").GetInt32() + Sum(summary.GetProperty("refusedAtTerminal"));
        Assert.Equal(summary.GetProperty("taps").GetInt32(), outcomes);
        Assert.Equal(
            summary.GetProperty("ledgerLines").GetInt64(),
            summary.GetProperty("matched").GetInt64() + Sum(breaks) - breaks.GetProperty("missingAtMerchant").GetInt64());
        Assert.Equal((4, 4), (summary.GetProperty("refundLines").GetInt64(), summary.GetProperty("refundsMatched").GetInt64()));
        // Every invariant but that of settlements, which no table has yet.
        Assert.Equal(("held", 8), (summary.GetProperty("ledgerCheck").GetString(), summary.GetProperty("invariantsHeld").GetInt32()));
        return summary;
    }

    private static int Sum(JsonElement counts) => counts.EnumerateObject().Sum(count => count.Value.GetInt32());
}
