using Microsoft.Extensions.Options;
using Npgsql;

namespace SmartCard.Backend.Platform.Databases;

public enum DatabaseProvider
{
    /// <summary>One file under the data folder: the embedded default, for a demo or a district's pilot.</summary>
    Sqlite = 1,

    /// <summary>A server: production.</summary>
    Postgres = 2,
}

/// <summary>Where everything is kept; configuration section <see cref="Section"/>.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>"sqlite" or "postgres".</summary>
    public string Provider { get; set; } = "sqlite";

    /// <summary>Npgsql's key=value form; only for postgres. On SQLite the file is always smartcard.db under <see cref="DataFolder"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Folder of the SQLite file and of development keys; made at first run, readable by its owner alone.</summary>
    public string DataFolder { get; set; } = "data";

    internal DatabaseProvider ParsedProvider => TryParse(Provider, out var provider)
        ? provider
        : throw new InvalidOperationException("The provider is validated at start-up.");

    internal static bool TryParse(string? text, out DatabaseProvider provider)
    {
        provider = text?.ToUpperInvariant() switch
        {
            "SQLITE" => DatabaseProvider.Sqlite,
            "POSTGRES" => DatabaseProvider.Postgres,
            _ => default,
        };
        return provider != default;
    }
}

/// <summary>Stops the start with a sentence that names the setting and what it may be.</summary>
internal sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    private const string ConnectionSetting = DatabaseOptions.Section + ":" + nameof(DatabaseOptions.ConnectionString);
    private const string FolderSetting = DatabaseOptions.Section + ":" + nameof(DatabaseOptions.DataFolder);
    private const string ProviderSetting = DatabaseOptions.Section + ":" + nameof(DatabaseOptions.Provider);

    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        var problems = new[] { ProblemOfProvider(options), ProblemOfConnection(options), ProblemOfFolder(options) }
            .OfType<string>()
            .ToArray();
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static string? ProblemOfProvider(DatabaseOptions options) =>
        DatabaseOptions.TryParse(options.Provider, out _)
            ? null
            : $"{ProviderSetting} is \"{options.Provider}\"; it may be \"sqlite\" or \"postgres\".";

    private static string? ProblemOfConnection(DatabaseOptions options)
    {
        if (!DatabaseOptions.TryParse(options.Provider, out var provider))
            return null;
        if (provider == DatabaseProvider.Sqlite)
        {
            return string.IsNullOrWhiteSpace(options.ConnectionString)
                ? null
                : $"{ConnectionSetting} is only for postgres; on sqlite leave it empty and set {FolderSetting}, the folder of smartcard.db.";
        }
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
            return $"{ConnectionSetting} is empty; with postgres it has to be such as \"Host=db.example;Database=smartcard;Username=smartcard\".";
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
            return string.IsNullOrEmpty(connection.Host) || string.IsNullOrEmpty(connection.Database)
                ? $"{ConnectionSetting} needs at least Host and Database."
                : null;
        }
        catch (ArgumentException exception)
        {
            // The text itself may hold a password: only the parser's sentence is repeated.
            return $"{ConnectionSetting} cannot be read: {exception.Message}; it has to be such as \"Host=db.example;Database=smartcard;Username=smartcard\".";
        }
    }

    private static string? ProblemOfFolder(DatabaseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.DataFolder))
            return $"{FolderSetting} is empty; it has to be a folder that this process may write.";
        try
        {
            _ = DataFolder.At(options.DataFolder);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{FolderSetting} is \"{options.DataFolder}\", which cannot be used: {exception.Message} It has to be a folder that this process may write.";
        }
    }
}
