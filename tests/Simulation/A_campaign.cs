using SmartCard.Simulate.Campaigns;
using Xunit.Abstractions;

namespace SmartCard.Simulation.Tests;

/// <summary>Five hundred worlds in which everything breaks, and nothing is lost or doubled.</summary>
public sealed class A_campaign(ITestOutputHelper output)
{
    [Fact]
    public async Task Of_five_hundred_seeds_breaks_everything_and_no_invariant()
    {
        var options = new CampaignOptions { FirstSeed = 1, LastSeed = 500 };
        var campaign = new Campaign(options);

        var summary = await campaign.RunAsync(_ => { }, CancellationToken.None);

        output.WriteLine(summary.ToLine());
        Assert.Equal("", Shown(options, campaign, summary));
        Assert.True(summary.IsSound);
        Assert.True(summary.GoodsHandedOver > summary.Seeds, "A campaign in which nobody gets anything shows nothing.");
    }

    [Fact]
    public void In_which_a_fault_never_came_fails_and_names_it()
    {
        var sums = new CampaignSummary.Sums();
        for (var seed = 0; seed < CampaignSummary.SeedsForEveryFault; seed++)
            sums.Add(new SimulationResult(seed, 1, "", [.. Enumerable.Repeat(1L, Enum.GetValues<Simulate.Faults.FaultKind>().Length - 1), 0], 0, 0, null, []));

        var summary = sums.ToSummary(elapsedMs: 1);

        Assert.False(summary.IsSound);
        Assert.Equal(["creditRepeated"], summary.NeverFired);
    }

    private static string Shown(CampaignOptions options, Campaign campaign, CampaignSummary summary)
    {
        using var text = new StringWriter();
        new Screen(options, Spectre.Console.AnsiConsole.Console).Show(campaign.Failures, summary, text);
        return text.ToString();
    }
}
