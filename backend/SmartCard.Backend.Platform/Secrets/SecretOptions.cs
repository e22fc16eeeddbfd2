using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Platform.Secrets;

/// <summary>How the secrets under the data folder are locked; configuration section <see cref="Section"/>.</summary>
public sealed class SecretOptions
{
    public const string Section = "Secrets";
    public const int PassphraseLengthMin = 12;

    /// <summary>Opens everything under the data folder's secrets; at least <see cref="PassphraseLengthMin"/> characters. Never in a file that is committed.</summary>
    public string Passphrase { get; set; } = "";
}

internal sealed class SecretOptionsValidator : IValidateOptions<SecretOptions>
{
    public ValidateOptionsResult Validate(string? name, SecretOptions options) =>
        options.Passphrase.Length >= SecretOptions.PassphraseLengthMin
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{SecretOptions.Section}:{nameof(SecretOptions.Passphrase)} has {options.Passphrase.Length} characters; it has to have at least {SecretOptions.PassphraseLengthMin}. Set it in the environment as {SecretOptions.Section}__{nameof(SecretOptions.Passphrase)}.");
}

/// <summary>A secret that does not open: the passphrase is another, or the file was changed.</summary>
public sealed class SecretStoreException(string message, Exception? inner = null) : Exception(message, inner);
