using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Reconciliation;

/// <summary>Configuration section "Reconciliation".</summary>
internal sealed class ReconciliationOptions
{
    public const string Section = "Reconciliation";

    private const int GraceMinutesMax = 24 * 60;

    /// <summary>A merchant's line that comes within so many minutes after the end of its business date is still in time.</summary>
    public int GraceMinutes { get; set; }

    public string? Problem =>
        GraceMinutes is >= 0 and <= GraceMinutesMax ? null : $"{Section}:{nameof(GraceMinutes)} is {GraceMinutes}; it may be 0 to {GraceMinutesMax}.";
}

internal sealed class ReconciliationOptionsValidator : IValidateOptions<ReconciliationOptions>
{
    public ValidateOptionsResult Validate(string? name, ReconciliationOptions options) =>
        options.Problem is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
}
