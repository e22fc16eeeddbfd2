using SmartCard.Simulate.Campaigns;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.World;

namespace SmartCard.Simulation.Tests;

/// <summary>
/// A simulation that cannot fail shows nothing. Each test takes one protection away and asks for the seeds that notice:
/// <list type="bullet">
/// <item>the version that a household is written at, where nothing else goes wrong and two members draw at once</item>
/// <item>the same, and no check constraint and no unique key behind it</item>
/// <item>the commit before the answer</item>
/// <item>the journal that a terminal reads when it starts again</item>
/// </list>
/// </summary>
public sealed class A_planted_bug(Ministry ministry) : IClassFixture<Ministry>
{
    private const int SeedsMax = 60;

    private const int Turns = 800;

    [Fact]
    public void In_the_versions_is_found() =>
        AssertFound(new Plants { Store = StorePlants.IgnoresVersions }, "balance is the replay", isCalm: true);

    [Fact]
    public void In_versions_and_constraints_is_found() =>
        AssertFound(new Plants { Store = StorePlants.IgnoresVersions | StorePlants.ForgetsChecks | StorePlants.ForgetsUniqueKey });

    [Fact]
    public void That_answers_before_it_writes_is_found() =>
        AssertFound(new Plants { AcknowledgesBeforeTheWrite = true }, "what is acknowledged is recorded");

    [Fact]
    public void That_lets_a_terminal_forget_its_journal_is_found() =>
        AssertFound(new Plants { TerminalForgetsJournal = true });

    [Fact]
    public void Prints_its_seed_its_invariant_its_last_events_and_how_to_see_it_again()
    {
        var failure = AssertFound(new Plants { AcknowledgesBeforeTheWrite = true });
        using var shown = new StringWriter();

        var sums = new CampaignSummary.Sums();
        sums.Add(failure);
        var options = new CampaignOptions { FirstSeed = failure.Seed, LastSeed = failure.Seed, Turns = Turns };
        new Screen(options, Spectre.Console.AnsiConsole.Console).Show([failure], sums.ToSummary(elapsedMs: 1), shown);

        Assert.StartsWith($"Seed {failure.Seed}, turn {failure.Turns}: broken is 3: what is acknowledged is recorded", shown.ToString(), StringComparison.Ordinal);
        Assert.Contains("is tapped", shown.ToString(), StringComparison.Ordinal);
        Assert.Contains($"tools/simulate --seeds {failure.Seed}..{failure.Seed} --steps {Turns} --trace", shown.ToString(), StringComparison.Ordinal);
    }

    private SimulationResult AssertFound(Plants plants, string invariant = "", bool isCalm = false)
    {
        for (var seed = 1; seed <= SeedsMax; seed++)
        {
            if (Ministry.Run(ministry.Bureau, seed, plants, turns: Turns, isCalm: isCalm) is { Violation: { } violation } failure && violation.Invariant.Contains(invariant, StringComparison.Ordinal))
                return failure;
        }

        Assert.Fail($"No seed up to {SeedsMax} notices.");
        throw new InvalidOperationException();
    }
}
