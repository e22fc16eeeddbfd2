namespace SmartCard.Backend.Registry;

/// <summary>Configuration section "Registry".</summary>
internal sealed class RegistryOptions
{
    public const string Section = "Registry";
    public const string Refuse = "refuse";
    public const string Ignore = "ignore";

    /// <summary>What a wrong check digit of a national id means: "refuse" or "ignore". Its rule is not official; where it shuts people out, ignore it.</summary>
    public string NationalIdCheckDigit { get; set; } = Refuse;
}
