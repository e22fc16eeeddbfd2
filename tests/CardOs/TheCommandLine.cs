using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Cardctl;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheCommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cardctl-").FullName;

    private string CardFile => Path.Combine(_folder, "a.card");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Personalises_a_card_that_is_ready_for_use()
    {
        Assert.Equal(0, Run("personalise", "--out", CardFile).Exit);

        var shown = Run("show", CardFile);
        Assert.Equal(0, shown.Exit);
        Assert.Contains("life cycle         Secured", shown.Output, StringComparison.Ordinal);
        Assert.Contains("PIN tries left     3", shown.Output, StringComparison.Ordinal);
        Assert.Contains("log                0 of 20 records", shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404142434445464748494A4B4C4D4E4F", null)]
    [InlineData("00112233445566778899AABBCCDDEEFF", "00112233445566778899AABBCCDDEEFF:00112233445566778899AABBCCDDEEFF:00112233445566778899AABBCCDDEEFF")]
    public void Gives_the_card_the_published_keys_or_those_that_it_is_told(string key, string? option)
    {
        Run(option is null ? ["personalise", "--out", CardFile] : ["personalise", "--out", CardFile, "--scp03-keys", option]);
        using var medium = FileMedium.OpenExisting(CardFile);
        using var card = new Card(JournalledMemory.Open(medium));
        var link = new InProcessCardLink(card);
        link.Insert();
        var bytes = Convert.FromHexString(key);
        using var keys = new Scp03StaticKeys(bytes, bytes, bytes);

        Assert.True(Scp03Host.Open(
            link, keys, SecurityLevel.Full, 0x30, SystemRandomSource.Instance).IsOpen);
    }

    [Fact]
    public void Makes_the_card_trust_the_authority_that_it_is_told()
    {
        using var bureau = new TestBureau();
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(bureau.TerminalAuthorityKey.ExportPkcs8(), out _);
        var publicKey = Path.Combine(_folder, "ca.pub.pem");
        File.WriteAllText(publicKey, key.ExportSubjectPublicKeyInfoPem());
        Run("personalise", "--out", CardFile, "--terminal-ca", publicKey);

        using var medium = FileMedium.OpenExisting(CardFile);
        using var card = new Card(JournalledMemory.Open(medium));
        var link = new InProcessCardLink(card);
        link.Insert();
        Assert.True(bureau.MakeTerminal().TryOpen(link).IsOpen);
    }

    [Fact]
    public void Reads_the_authority_out_of_a_certificate_too()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = new CertificateRequest(
            "CN=Terminal authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, from.AddYears(1));
        var file = Path.Combine(_folder, "ca.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        Run("personalise", "--out", CardFile, "--terminal-ca", file);

        Assert.True(EcPublicKey.TryFromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo(), out var expected));
        Assert.Contains(Convert.ToHexString(expected.Point), Run("show", CardFile).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_the_public_key_alone_as_PEM()
    {
        Run("personalise", "--out", CardFile);

        var pem = Run("show", "--pem", CardFile).Output;

        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        Assert.True(EcPublicKey.TryFromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo(), out var shown));
        Assert.Contains(Convert.ToHexString(shown.Point), Run("show", CardFile).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sends_commands_one_after_another()
    {
        Run("personalise", "--out", CardFile);

        var answers = Run("apdu", CardFile, "00:A4:04:00:08:F0:53:55:42:53:49:44:59", "80 CA 7F 21 00");

        Assert.Equal(0, answers.Exit);
        var lines = answers.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["> ", "< ", "> ", "< "], lines.Select(line => line[..2]));
        Assert.EndsWith("9000", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.StartsWith("< 7F21", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Exits_with_3_when_the_card_refuses()
    {
        Run("personalise", "--out", CardFile);

        var refused = Run("apdu", CardFile, "00A8000000");

        Assert.Equal(3, refused.Exit);
        Assert.Contains("< 6D00", refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_overwrite_a_card()
    {
        Run("personalise", "--out", CardFile);

        var again = Run("personalise", "--out", CardFile);

        Assert.Equal(2, again.Exit);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_file()
    {
        var missing = Run("show", Path.Combine(_folder, "none.card"));
        Assert.Equal((2, true), (missing.Exit, missing.Error.Contains("there is no such file", StringComparison.Ordinal)));

        File.WriteAllText(CardFile, "This is a letter.");
        var letter = Run("show", CardFile);
        Assert.Equal((2, true), (letter.Exit, letter.Error.Contains("not a card's memory", StringComparison.Ordinal)));

        var pem = Run("personalise", "--out", Path.Combine(_folder, "b.card"), "--terminal-ca", CardFile);
        Assert.Equal((2, true), (pem.Exit, pem.Error.Contains("no PEM", StringComparison.Ordinal)));
        Assert.False(File.Exists(Path.Combine(_folder, "b.card")));
    }

    [Fact]
    public void Says_when_another_process_has_the_card()
    {
        Run("personalise", "--out", CardFile);
        using var held = FileMedium.OpenExisting(CardFile);

        var shown = Run("show", CardFile);

        Assert.Equal((2, true), (shown.Exit, shown.Error.Contains("another cardctl", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("personalise")]
    [InlineData("personalise", "--out", "x.card", "--scp03-keys", "00:11:22")]
    [InlineData("apdu", "x.card")]
    [InlineData("apdu", "x.card", "00A4ZZ")]
    [InlineData("serve", "x.card")]
    [InlineData("serve", "x.card", "--vpcd", "127.0.0.1")]
    [InlineData("serve", "x.card", "--vpcd", "127.0.0.1:35963", "--timing", "fast")]
    [InlineData("nonsense")]
    public void Exits_with_1_and_a_word_of_help_when_it_does_not_understand(params string[] arguments)
    {
        var run = Run(arguments);

        Assert.Equal(1, run.Exit);
        Assert.NotEmpty(run.Error);
    }

    [Fact]
    public void Has_a_help_text()
    {
        var help = Run("--help");

        Assert.Equal(0, help.Exit);
        foreach (var command in (string[])["personalise", "show", "apdu", "serve"])
            Assert.Contains(command, help.Output, StringComparison.Ordinal);
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = CardctlCommandLine.Run(arguments, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
