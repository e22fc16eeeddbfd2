using SmartCard.CardOs.Kernel;

namespace SmartCard.CardOs.Tests;

/// <summary>protocol/spec/apdu has a page for each command of the card, and names no command that the card has not.</summary>
public sealed class TheSpecification
{
    [Fact]
    public void Has_a_page_for_every_command()
    {
        var pages = Directory.GetFiles(ApduFolder(), "*.md").Select(Path.GetFileNameWithoutExtension).Where(name => name != "README").Order();
        var commands = typeof(ICardCommand).Assembly.GetTypes()
            .Where(type => type.Namespace == "SmartCard.CardOs.Commands" && type.Name.EndsWith("Command", StringComparison.Ordinal))
            .Select(type => PageOf(type.Name[..^"Command".Length]))
            .Append("get-response"); // a part of the kernel

        Assert.Equal(commands.Order(), pages);
    }

    [Fact]
    public void Lists_every_page()
    {
        var list = File.ReadAllText(Path.Combine(ApduFolder(), "README.md"));

        foreach (var page in Directory.GetFiles(ApduFolder(), "*.md").Select(Path.GetFileName).Where(name => name != "README.md"))
            Assert.Contains($"]({page})", list, StringComparison.Ordinal);
    }

    private static string PageOf(string command) =>
        string.Concat(command.Select((letter, index) => index > 0 && char.IsUpper(letter) ? "-" + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));

    private static string ApduFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SmartCard.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return Path.Combine(folder.FullName, "protocol", "spec", "apdu");
    }
}
