using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// What the line <c>DISBURSE-BENCH {json}</c> says. Rates a second, medians of the rounds; ratios are of these medians. A run that was not made is left out.
/// </summary>
internal sealed record DisburseFigures
{
    public required int Households { get; init; }
    public required int Rounds { get; init; }
    public required int SecondsPerRun { get; init; }

    /// <summary>Of the machine's processor time, what its host gave to other machines while this was measured.</summary>
    public double StolenPercent { get; init; }

    public double? PgbenchTps { get; init; }
    public double? BatchTps { get; init; }
    public double? StreamTps { get; init; }
    public double? UnaryTps { get; init; }
    public double? SqliteTps { get; init; }
    public double? BatchVsPgbench { get; init; }
    public double? StreamVsPgbench { get; init; }

    /// <summary>The same run as <see cref="StreamVsPgbench"/>: a signature is verified before its draw's turn, so every answered draw's was, inside the timed run.</summary>
    public double? StreamVerifiedVsPgbench { get; init; }
    public double? UnaryVsPgbench { get; init; }
    public double? SqliteVsPgbench { get; init; }

    /// <summary>Answered draws whose signature is still to be verified: none, for the same reason.</summary>
    public int? SignatureBacklog { get; init; }

    public int? OpenLoopPerSecond { get; init; }

    /// <summary>Of unary calls at the open loop's rate, from the moment a call was due, milliseconds.</summary>
    public double? LatencyMsP50 { get; init; }
    public double? LatencyMsP99 { get; init; }

    /// <summary>Of draws over an aggregator's streams at the same rate, milliseconds.</summary>
    public double? StreamLatencyMsP50 { get; init; }
    public double? StreamLatencyMsP99 { get; init; }

    /// <summary>What PostgreSQL wrote ahead for a disbursement of the batch writer, full pages included.</summary>
    public double? WalBytesPerDisbursement { get; init; }

    /// <summary>Processor time of a disbursement of the batch writer, microseconds: the ledger's and PostgreSQL's.</summary>
    public double? BatchLedgerMicros { get; init; }
    public double? BatchPostgresMicros { get; init; }

    /// <summary>The backend process's resident memory after its first run and at the end, MiB.</summary>
    public double? BackendMemoryMiBFirst { get; init; }
    public double? BackendMemoryMiB { get; init; }
    public double? BackendMemoryMiBPeak { get; init; }

    public string ToLine() => "DISBURSE-BENCH " + JsonSerializer.Serialize(this, DisburseFiguresJson.Default.DisburseFigures);
}

[JsonSerializable(typeof(DisburseFigures))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class DisburseFiguresJson : JsonSerializerContext;
