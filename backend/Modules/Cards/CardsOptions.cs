using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Cards;

/// <summary>Configuration section "Cards".</summary>
internal sealed class CardsOptions
{
    public const string Section = "Cards";

    /// <summary>How long a terminal's certificates hold, 30 to 90 days: both its TLS and its card-facing one.</summary>
    public int TerminalCertificateDays { get; set; } = 60;

    /// <summary>How long a staff certificate holds, 1 to 365 days.</summary>
    public int StaffCertificateDays { get; set; } = 90;

    /// <summary>How long a card's certificates hold, 1 to 10 years.</summary>
    public int CardCertificateYears { get; set; } = 5;

    /// <summary>Most that a terminal may ask a citizen to pay in one draw, minor units; stands in its certificate.</summary>
    public uint TerminalAmountMinorMax { get; set; } = 100_000;
}

internal sealed class CardsOptionsValidator : IValidateOptions<CardsOptions>
{
    public ValidateOptionsResult Validate(string? name, CardsOptions options)
    {
        var problems = new List<string>();
        Check(nameof(options.TerminalCertificateDays), options.TerminalCertificateDays, 30, 90);
        Check(nameof(options.StaffCertificateDays), options.StaffCertificateDays, 1, 365);
        Check(nameof(options.CardCertificateYears), options.CardCertificateYears, 1, 10);
        Check(nameof(options.TerminalAmountMinorMax), options.TerminalAmountMinorMax, 1, int.MaxValue);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string setting, long value, long min, long max)
        {
            if (value < min || value > max)
                problems.Add($"{CardsOptions.Section}:{setting} is {value}; it may be {min} to {max}.");
        }
    }
}
