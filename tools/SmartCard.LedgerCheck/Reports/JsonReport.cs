using System.Text.Json;
using System.Text.Json.Serialization;
using SmartCard.LedgerCheck.Checks;

namespace SmartCard.LedgerCheck.Reports;

/// <summary>The last line, <c>LEDGERCHECK-SUMMARY {json}</c>: how many invariants held, were broken or do not apply.</summary>
internal sealed record SummaryJson(string Database, int Held, int Broken, int NotApplicable, int Checks, IReadOnlyList<string> BrokenChecks, long Rows, long ElapsedMs)
{
    public const string Prefix = "LEDGERCHECK-SUMMARY ";

    public static string LineOf(LedgerReport report) => Prefix + JsonSerializer.Serialize(
        new SummaryJson(
            report.Database, report.Count(Verdict.Held), report.Count(Verdict.Broken), report.Count(Verdict.NotApplicable),
            report.Invariants.Sum(invariant => invariant.Checks.Count), [.. report.BrokenChecks.Select(check => check.Name)], report.Rows, report.ElapsedMs),
        SummaryContext.Default.SummaryJson);
}

internal sealed record InvariantJson(int Number, string Promise, Verdict Verdict, IReadOnlyList<CheckJson> Checks);

/// <param name="Count">Rows that break it; 0 where it held.</param>
/// <param name="Rows">The first of them.</param>
/// <param name="Reason">Why it does not apply; null where it does.</param>
internal sealed record CheckJson(string Name, string Says, Verdict Verdict, long Count, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows, string? Reason);

/// <summary>The report for programs.</summary>
internal static class JsonReport
{
    public static void Write(LedgerReport report, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize([.. report.Invariants.Select(ToJson)], ReportContext.Default.InvariantJsonArray));

    private static InvariantJson ToJson(InvariantReport invariant) =>
        new(invariant.Invariant.Number, invariant.Invariant.Promise, invariant.Verdict, [.. invariant.Checks.Select(ToJson)]);

    private static CheckJson ToJson(CheckResult check) => check.Finding switch
    {
        Finding.Broken broken => new CheckJson(
            check.Name, check.Says, Verdict.Broken, broken.Count, [.. broken.Rows.Select(row => row.Values.ToDictionary(StringComparer.Ordinal))], null),
        Finding.NotApplicable notApplicable => new CheckJson(check.Name, check.Says, Verdict.NotApplicable, 0, [], notApplicable.Reason),
        _ => new CheckJson(check.Name, check.Says, Verdict.Held, 0, [], null),
    };
}

[JsonSerializable(typeof(SummaryJson))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class SummaryContext : JsonSerializerContext;

[JsonSerializable(typeof(InvariantJson[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
internal sealed partial class ReportContext : JsonSerializerContext;
