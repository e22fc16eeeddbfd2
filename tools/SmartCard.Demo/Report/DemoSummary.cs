using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmartCard.Demo.Report;

/// <summary>What the last line, <c>DEMO-SUMMARY {json}</c>, says. Amounts in minor units, times in milliseconds.</summary>
internal sealed record DemoSummary
{
    public const string Prefix = "DEMO-SUMMARY ";

    public required int Households { get; init; }
    public required int Merchants { get; init; }
    public required string Database { get; init; }
    public required string Reader { get; init; }

    /// <summary>Cards held to a reader, whatever came of it.</summary>
    public required int Taps { get; init; }
    public required int Approved { get; init; }

    /// <summary>Draws that the backend declined, by reason.</summary>
    public required SortedDictionary<string, int> Declined { get; init; }

    /// <summary>Of those, the ones that no tap was told: the record came after its reversal, or was presented after an outage.</summary>
    public required int DeclinedLater { get; init; }

    /// <summary>Taps that the terminal itself refused before any draw, by reason.</summary>
    public required SortedDictionary<string, int> RefusedAtTerminal { get; init; }

    /// <summary>Draws that the card approved without a line and that were presented later.</summary>
    public required int Offline { get; init; }
    public required int Reversed { get; init; }
    public required long LedgerLines { get; init; }
    public required long Matched { get; init; }

    /// <summary>Differences found by reconciliation, by kind.</summary>
    public required SortedDictionary<string, long> Breaks { get; init; }

    /// <summary>Lines of goods that came back: what merchants claim of them, and how many of these the ledger has alike.</summary>
    public required long RefundLines { get; init; }
    public required long RefundsMatched { get; init; }

    /// <summary>What the fund owes for the day, refunds taken off.</summary>
    public required long DisbursedMinor { get; init; }
    public required long CitizensPaidMinor { get; init; }

    /// <summary>Card present to receipt.</summary>
    public required double TapMsP50 { get; init; }
    public required double TapMsP95 { get; init; }

    /// <summary>"held" where the independent recomputation of the ledger found nothing wrong, else "broken".</summary>
    public required string LedgerCheck { get; init; }

    /// <summary>How many of the ledger's invariants it could check and found to hold.</summary>
    public required int InvariantsHeld { get; init; }
    public required long ElapsedMs { get; init; }

    public string ToLine() => Prefix + JsonSerializer.Serialize(this, DemoSummaryJson.Default.DemoSummary);
}

[JsonSerializable(typeof(DemoSummary))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DemoSummaryJson : JsonSerializerContext;
