using System.Text.Json;
using System.Text.Json.Serialization;
using SmartCard.Demo.Report;

namespace SmartCard.Benchmarks.Taps;

/// <summary>What the line <c>TAP-BENCH {json}</c> says. Times in milliseconds, card present to receipt.</summary>
internal sealed record TapFigures
{
    public required int Taps { get; init; }
    public required double TapMsP50 { get; init; }
    public required double TapMsP95 { get; init; }

    /// <summary>Without the card's own time.</summary>
    public required double SystemMsP95 { get; init; }

    /// <summary>One SELECT through pcscd and the virtual reader; only of the figures at the machine's speed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ApduMsP50 { get; init; }
    public required double ApdusPerTap { get; init; }

    /// <summary>The same with the silicon timing profile.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TapFigures? Silicon { get; init; }

    public static TapFigures Of(IReadOnlyCollection<TapSample> machine, IReadOnlyCollection<TapSample> silicon, IReadOnlyCollection<double> apdus) =>
        Of(machine) with { ApduMsP50 = Percentiles.NearestRank(apdus, 50), Silicon = Of(silicon) };

    public string ToLine() => "TAP-BENCH " + JsonSerializer.Serialize(this, TapFiguresJson.Default.TapFigures);

    static TapFigures Of(IReadOnlyCollection<TapSample> samples) => new()
    {
        Taps = samples.Count,
        TapMsP50 = Percentiles.NearestRank([.. samples.Select(sample => sample.Total.TotalMilliseconds)], 50),
        TapMsP95 = Percentiles.NearestRank([.. samples.Select(sample => sample.Total.TotalMilliseconds)], 95),
        SystemMsP95 = Percentiles.NearestRank([.. samples.Select(sample => (sample.Total - sample.Card).TotalMilliseconds)], 95),
        ApdusPerTap = samples.Count == 0 ? 0 : Math.Round(samples.Average(sample => sample.Exchanges), 2),
    };
}

[JsonSerializable(typeof(TapFigures))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TapFiguresJson : JsonSerializerContext;
