using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Merchants;

/// <summary>Configuration section "Merchants".</summary>
internal sealed class MerchantsOptions
{
    public const string Section = "Merchants";

    /// <summary>How long an activation code is good: the letter has to reach the merchant.</summary>
    public int ActivationCodeDays { get; set; } = 14;

    /// <summary>Wrong codes after which a code is void.</summary>
    public int ActivationTriesMax { get; set; } = 5;

    /// <summary>Age of the oldest business date that may still be claimed; a dispute may be opened for as long.</summary>
    public int ClaimAgeDaysMax { get; set; } = 90;
}

internal sealed class MerchantsOptionsValidator : IValidateOptions<MerchantsOptions>
{
    public ValidateOptionsResult Validate(string? name, MerchantsOptions options)
    {
        string[] problems =
        [
            .. Problem(nameof(MerchantsOptions.ActivationCodeDays), options.ActivationCodeDays, 1, 90),
            .. Problem(nameof(MerchantsOptions.ActivationTriesMax), options.ActivationTriesMax, 1, 20),
            .. Problem(nameof(MerchantsOptions.ClaimAgeDaysMax), options.ClaimAgeDaysMax, 1, 366),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problem(string setting, int value, int least, int most) =>
        value >= least && value <= most ? [] : [$"{MerchantsOptions.Section}:{setting} is {value}; it may be {least} to {most}."];
}
