namespace SmartCard.Backend.Programmes;

/// <summary>Configuration section "Programmes".</summary>
internal sealed class ProgrammesOptions
{
    public const string Section = "Programmes";

    /// <summary>Code of the country profile.</summary>
    public string Profile { get; set; } = "EG";
}
