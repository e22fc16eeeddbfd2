using System.Text.Json;
using System.Text.Json.Serialization;
using SmartCard.Simulate.Faults;

namespace SmartCard.Simulate.Campaigns;

/// <summary>What the last line, <c>SIMULATION-SUMMARY {json}</c>, says.</summary>
internal sealed record CampaignSummary
{
    public const string Prefix = "SIMULATION-SUMMARY ";

    /// <summary>So many seeds have every kind of fault, or something is wrong with a fault.</summary>
    public const int SeedsForEveryFault = 100;

    public required long Seeds { get; init; }

    /// <summary>Turns that the schedulers gave, all seeds together.</summary>
    public required long Steps { get; init; }

    /// <summary>Records that cards committed to.</summary>
    public required long CardCommits { get; init; }

    /// <summary>Draws for which goods went over a counter.</summary>
    public required long GoodsHandedOver { get; init; }

    /// <summary>How often each kind came.</summary>
    public required SortedDictionary<string, long> Faults { get; init; }

    /// <summary>Seeds in which something did not hold.</summary>
    public required long Violations { get; init; }
    public required long ElapsedMs { get; init; }

    /// <summary>Kinds of fault that never came.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> NeverFired => [.. Faults.Where(fault => fault.Value == 0).Select(fault => fault.Key)];

    [JsonIgnore]
    public bool IsSound => Violations == 0 && (Seeds < SeedsForEveryFault || NeverFired.Count == 0);

    public string ToLine() => Prefix + JsonSerializer.Serialize(this, CampaignSummaryJson.Default.CampaignSummary);

    /// <summary>Adds results up.</summary>
    internal sealed class Sums
    {
        private readonly long[] _fired = new long[Enum.GetValues<FaultKind>().Length];
        private long _seeds;
        private long _turns;
        private long _commits;
        private long _goods;
        private long _violations;

        public void Add(SimulationResult result)
        {
            _seeds++;
            _turns += result.Turns;
            _commits += result.CardCommits;
            _goods += result.GoodsHandedOver;
            _violations += result.Violation is null ? 0 : 1;
            for (var kind = 0; kind < _fired.Length; kind++)
                _fired[kind] += result.Fired[kind];
        }

        public CampaignSummary ToSummary(long elapsedMs) => new()
        {
            Seeds = _seeds,
            Steps = _turns,
            CardCommits = _commits,
            GoodsHandedOver = _goods,
            Faults = new SortedDictionary<string, long>(
                Enum.GetValues<FaultKind>().ToDictionary(kind => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()), kind => _fired[(int)kind]), StringComparer.Ordinal),
            Violations = _violations,
            ElapsedMs = elapsedMs,
        };
    }
}

[JsonSerializable(typeof(CampaignSummary))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CampaignSummaryJson : JsonSerializerContext;
