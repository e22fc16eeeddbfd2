using SmartCard.Simulate.Campaigns;

namespace SmartCard.Simulation.Tests;

/// <summary>A seed is a whole run: the same events at the same moments, every time, whatever keys the cards have.</summary>
public sealed class A_seed(Ministry ministry) : IClassFixture<Ministry>
{
    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 12).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Replays_identically(long seed) =>
        Assert.Equal(Ministry.Run(ministry.Bureau, seed).Digest, Ministry.Run(ministry.Bureau, seed).Digest);

    [Fact]
    public void Replays_identically_with_other_keys_in_cards_and_terminals()
    {
        using var other = Ministry.NewBureau();
        for (var seed = 1; seed <= 5; seed++)
            Assert.Equal(Ministry.Run(ministry.Bureau, seed).Digest, Ministry.Run(other, seed).Digest);
    }

    [Fact]
    public void Replays_identically_beside_others_on_other_threads()
    {
        var alone = Enumerable.Range(1, 8).Select(seed => Ministry.Run(ministry.Bureau, seed).Digest).ToArray();
        var together = new string[alone.Length];

        Parallel.For(0, alone.Length, index => together[index] = Ministry.Run(ministry.Bureau, index + 1).Digest);

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Is_another_run_than_its_neighbour() =>
        Assert.NotEqual(Ministry.Run(ministry.Bureau, 1).Digest, Ministry.Run(ministry.Bureau, 2).Digest);

    [Fact]
    public void Prints_every_event_with_turn_and_time_when_asked_for_its_trace()
    {
        using var trace = new StringWriter();
        var result = Ministry.Run(ministry.Bureau, 1, trace: trace);

        var lines = trace.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("is tapped", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("nothing goes wrong any more", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(@"^ *\d+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ", line));
        Assert.True(result.Turns >= CampaignOptions.TurnsDefault);
    }
}
