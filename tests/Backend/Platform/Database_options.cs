using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Platform;

public sealed class Database_options
{
    [Fact]
    public void Default_to_a_sqlite_file_under_the_data_folder()
    {
        using var folder = new TemporaryFolder();

        var options = Bind(("Database:DataFolder", folder.Path));

        Assert.Equal("sqlite", options.Provider);
        Assert.Equal(folder.Path, options.DataFolder);
    }

    [Fact]
    public void Name_the_providers_when_it_is_another()
    {
        var message = Refusal(("Database:Provider", "oracle"));

        Assert.Contains("Database:Provider is \"oracle\"; it may be \"sqlite\" or \"postgres\".", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_for_a_connection_string_with_postgres() =>
        Assert.Contains("Database:ConnectionString is empty", Refusal(("Database:Provider", "postgres")), StringComparison.Ordinal);

    [Theory]
    [InlineData("Host=db", "needs at least Host and Database")]
    [InlineData("Hots=db;Database=smartcard", "cannot be read")]
    public void Say_what_is_wrong_with_a_connection_string(string text, string expected) =>
        Assert.Contains(expected, Refusal(("Database:Provider", "postgres"), ("Database:ConnectionString", text)), StringComparison.Ordinal);

    [Fact]
    public void Never_repeat_a_password() =>
        Assert.DoesNotContain("hunter2", Refusal(("Database:Provider", "postgres"), ("Database:ConnectionString", "Password=hunter2")), StringComparison.Ordinal);

    [Fact]
    public void Refuse_a_connection_string_with_sqlite() =>
        Assert.Contains("is only for postgres", Refusal(("Database:ConnectionString", "Data Source=x")), StringComparison.Ordinal);

    [Fact]
    public void Refuse_a_data_folder_that_cannot_be_one()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        Assert.Contains("Database:DataFolder is \"" + file + "\", which cannot be used", Refusal(("Database:DataFolder", file)), StringComparison.Ordinal);
    }

    private static string Refusal(params (string Key, string Value)[] settings) =>
        Assert.Throws<OptionsValidationException>(() => Bind(settings)).Message;

    private static DatabaseOptions Bind(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        using var services = new ServiceCollection().AddPlatform(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("smartcard-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
