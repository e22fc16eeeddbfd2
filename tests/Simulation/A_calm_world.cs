using SmartCard.Simulate.Faults;

namespace SmartCard.Simulation.Tests;

/// <summary>Where nothing breaks, people get what they came for: the faults are what campaigns are about, not the simulation's own noise.</summary>
public sealed class A_calm_world(Ministry ministry) : IClassFixture<Ministry>
{
    private static readonly FaultKind[] OfThemselves = [FaultKind.HouseholdOutrun, FaultKind.MessagesReordered, FaultKind.DaylightSavingNight, FaultKind.RamadanTime, FaultKind.PeriodTurned];

    [Fact]
    public void Has_no_fault_but_what_comes_of_itself_and_serves_its_people()
    {
        var (goods, commits) = (0, 0);
        for (var seed = 1; seed <= 10; seed++)
        {
            var result = Ministry.Run(ministry.Bureau, seed, isCalm: true);

            Assert.Null(result.Violation);
            Assert.All(Enum.GetValues<FaultKind>().Except(OfThemselves), kind => Assert.Equal((kind, 0), (kind, result.Fired[(int)kind])));
            goods += result.GoodsHandedOver;
            commits += result.CardCommits;
        }

        // The others wanted more than they may have.
        Assert.True(2 * goods > commits, $"{goods} of {commits}");
    }
}
