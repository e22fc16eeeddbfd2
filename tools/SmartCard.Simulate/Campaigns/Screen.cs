using Spectre.Console;

namespace SmartCard.Simulate.Campaigns;

/// <summary>A campaign on the screen: a bar while it runs, then what failed and how to see it again.</summary>
internal sealed class Screen(CampaignOptions options, IAnsiConsole console)
{
    private const int FailuresShown = 3;

    public async Task<CampaignSummary> RunAsync(Campaign campaign, CancellationToken cancellation)
    {
        if (!console.Profile.Capabilities.Interactive || options.TraceTo is not null)
            return await campaign.RunAsync(_ => { }, cancellation);
        return await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask($"Seeds {options.FirstSeed} to {options.LastSeed}", maxValue: options.SeedCount);
                return await campaign.RunAsync(_ => bar.Increment(1), cancellation);
            });
    }

    public void Show(IReadOnlyList<SimulationResult> failures, CampaignSummary summary, TextWriter output)
    {
        foreach (var failure in failures.Take(FailuresShown))
            Show(failure, output);
        if (failures.Count > FailuresShown)
            output.WriteLine($"and {failures.Count - FailuresShown} more: seeds {string.Join(", ", failures.Skip(FailuresShown).Take(20).Select(failure => failure.Seed))}");
        if (summary.Seeds >= CampaignSummary.SeedsForEveryFault && summary.NeverFired.Count > 0)
            output.WriteLine($"These faults never came, so nothing is known about them: {string.Join(", ", summary.NeverFired)}");
    }

    private void Show(SimulationResult failure, TextWriter output)
    {
        output.WriteLine($"""
            Seed {failure.Seed}, turn {failure.Turns}: broken is {failure.Violation!.Invariant}
              {failure.Violation.Details}
            """);
        foreach (var line in failure.LastLines)
            output.WriteLine(line);
        output.WriteLine($"See it again: tools/simulate --seeds {failure.Seed}..{failure.Seed}{(options.Turns == CampaignOptions.TurnsDefault ? "" : $" --steps {options.Turns}")} --trace");
        output.WriteLine();
    }
}
