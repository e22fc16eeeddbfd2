using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmartCard.Faults.Report;

/// <summary>What the last line, <c>FAULTS-SUMMARY {json}</c>, says.</summary>
internal sealed record FaultsSummary
{
    public const string Prefix = "FAULTS-SUMMARY ";

    public required int Rounds { get; init; }
    public required int Seed { get; init; }

    /// <summary>Rounds in which each kind of fault hit something in flight.</summary>
    public required SortedDictionary<string, int> ByKind { get; init; }

    /// <summary>Kinds that cannot strike here, and why.</summary>
    public required SortedDictionary<string, string> Skipped { get; init; }
    public required long Acknowledged { get; init; }

    /// <summary>Acknowledged draws that are not there, or were answered otherwise later.</summary>
    public required long Lost { get; init; }
    public required long Doubled { get; init; }

    /// <summary>Draws without an answer that were found out by asking again.</summary>
    public required long Reasked { get; init; }

    /// <summary>From the start of healing to the first acknowledged draw.</summary>
    public required double RecoverySecondsP50 { get; init; }
    public required double RecoverySecondsP99 { get; init; }

    /// <summary>Medians.</summary>
    public required SortedDictionary<string, double> RecoverySecondsByKind { get; init; }

    /// <summary>"held" or "broken", of each database.</summary>
    public required SortedDictionary<string, string> LedgerCheck { get; init; }
    public required long ElapsedMs { get; init; }

    public string ToLine() => Prefix + JsonSerializer.Serialize(this, FaultsSummaryJson.Default.FaultsSummary);
}

[JsonSerializable(typeof(FaultsSummary))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FaultsSummaryJson : JsonSerializerContext;
