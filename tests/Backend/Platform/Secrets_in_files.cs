using System.Text;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Platform.Secrets;

namespace SmartCard.Backend.Tests.Platform;

public sealed class Secrets_in_files : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Are_made_once_and_the_same_after_a_restart()
    {
        byte[] first;
        using (var store = Open())
            first = store.RandomKey("cards-master", 16);

        using var again = Open();
        Assert.Equal(first, again.RandomKey("cards-master", 16));
        Assert.NotEqual(first, again.RandomKey("cards-other", 16));
    }

    [Fact]
    public void Are_nowhere_in_clear_and_readable_by_their_owner_alone()
    {
        using var store = Open();
        store.GetOrCreate("cards-master", () => "a secret of sixteen"u8.ToArray());

        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, "secrets")))
        {
            Assert.DoesNotContain("a secret", Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Do_not_open_with_another_passphrase_and_say_which_setting()
    {
        using (Open())
        {
        }

        var refusal = Assert.Throws<SecretStoreException>(() => Open("another passphrase").Dispose());

        Assert.Contains("Secrets:Passphrase", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Do_not_open_under_another_name()
    {
        using var store = Open();
        store.RandomKey("one", 16);
        var folder = Path.Combine(_folder.Path, "secrets");
        File.Move(Path.Combine(folder, "one.sealed"), Path.Combine(folder, "two.sealed"));

        Assert.Throws<SecretStoreException>(() => store.RandomKey("two", 16));
    }

    [Fact]
    public void Do_not_open_when_cut_short()
    {
        using var store = Open();
        store.RandomKey("one", 16);
        var path = Path.Combine(_folder.Path, "secrets", "one.sealed");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..20]);

        Assert.Throws<SecretStoreException>(() => store.RandomKey("one", 16));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData("Upper")]
    public void Have_plain_names(string name)
    {
        using var store = Open();

        Assert.Throws<ArgumentException>(() => store.RandomKey(name, 16));
    }

    [Fact]
    public void Need_a_passphrase_of_some_length()
    {
        var result = new SecretOptionsValidator().Validate(null, new SecretOptions { Passphrase = "short" });

        Assert.True(result.Failed);
        Assert.Contains("Secrets:Passphrase has 5 characters; it has to have at least 12", result.FailureMessage, StringComparison.Ordinal);
    }

    private FileSecretStore Open(string passphrase = "correct horse battery") =>
        new(DataFolder.At(_folder.Path), new SecretOptions { Passphrase = passphrase });
}
