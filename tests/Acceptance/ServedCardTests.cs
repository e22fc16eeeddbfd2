using SmartCard.Acceptance.Tests.Support;
using SmartCard.Testing.VirtualReaders;

namespace SmartCard.Acceptance.Tests;

/// <summary>
/// A card in a file, personalised and served by tools/cardctl, on a virtual reader of the real pcscd:
/// opensc-tool selects its application and reads its certificate;
/// a client that shares no code with it opens SCP03 and SCP11a sessions;
/// what it was asked is still there when it is served again.
/// </summary>
[Collection(AllVirtualReaders.Name)]
public sealed class ServedCardTests : IDisposable
{
    private const string SelectApplication = "00A4040008F05355425349445900";
    private const string ReadCertificate = "80CA7F2100";
    private const string Keys = "101112131415161718191A1B1C1D1E1F:202122232425262728292A2B2C2D2E2F:303132333435363738393A3B3C3D3E3F";

    private const int AttemptsMax = 300;

    private static readonly string Peer = Repository.File("tests", "Acceptance", "CardPeer", "scp_client.py");

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualReader _reader = VirtualReader.Take();

    private string CardFile => _folder["citizen.card"];

    [Fact]
    public async Task Opensc_tool_selects_the_application_and_reads_the_certificate()
    {
        await PersonaliseAsync();
        await using var card = await ServeAsync();

        var answer = (await ToolProcess.RunAsync(
            "opensc-tool", "--reader", _reader.Name, "-s", SelectApplication, "-s", ReadCertificate)).MustSucceed();

        Assert.Equal(2, Count(answer.Output, "(SW1=0x90, SW2=0x00)"));
        Assert.Contains("7F 21", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_client_with_the_card_s_keys_opens_an_SCP03_session()
    {
        await PersonaliseAsync("--scp03-keys", Keys);
        await using var card = await ServeAsync();

        var session = await ToolProcess.RunAsync("/usr/bin/python3", Peer, "scp03", "--reader", _reader.Name, "--keys", Keys);

        session.MustSucceed();
    }

    [Fact]
    public async Task A_foreign_client_with_other_keys_does_not()
    {
        await PersonaliseAsync("--scp03-keys", Keys);
        await using var card = await ServeAsync();

        var others = "40" + Keys[2..];
        var session = await ToolProcess.RunAsync("/usr/bin/python3", Peer, "scp03", "--reader", _reader.Name, "--keys", others);

        Assert.Equal(1, session.ExitCode);
        Assert.Contains("FAILED", session.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_client_with_an_X509_certificate_of_the_terminal_authority_opens_an_SCP11a_session()
    {
        await MakeTerminalCertificateAsync();
        await PersonaliseAsync("--terminal-ca", _folder["ca.pem"]);
        var shown = (await CardctlAsync("show", CardFile, "--pem")).MustSucceed();
        await File.WriteAllTextAsync(_folder["card.pem"], PemOf(shown.Output));
        await using var card = await ServeAsync();

        var session = await ToolProcess.RunAsync(
            "/usr/bin/python3", Peer, "scp11a", "--reader", _reader.Name,
            "--certificate", _folder["terminal.pem"], "--key", _folder["terminal.key"], "--card-key", _folder["card.pem"]);

        session.MustSucceed();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    private async Task PersonaliseAsync(params string[] options) =>
        (await CardctlAsync(["personalise", "--out", CardFile, .. options])).MustSucceed();

    private async Task<ToolProcess> ServeAsync()
    {
        var served = ToolProcess.StartDotnet("SmartCard.Cardctl", "serve", CardFile, "--vpcd", $"127.0.0.1:{_reader.Port}");
        // pcscd looks for cards a few times a second.
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if ((await ToolProcess.RunAsync("opensc-tool", "--reader", _reader.Name, "--atr")).ExitCode == 0)
                return served;
            await Task.Delay(100);
        }
        await served.DisposeAsync();
        throw new TimeoutException("The reader never saw the served card.");
    }

    /// <summary>An authority and a terminal's certificate, made with openssl: nothing of ours.</summary>
    private async Task MakeTerminalCertificateAsync()
    {
        await OpensslAsync("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", _folder["ca.key"]);
        await OpensslAsync("req", "-x509", "-new", "-key", _folder["ca.key"], "-sha256", "-days", "30", "-subj", "/CN=Terminal CA", "-out", _folder["ca.pem"]);
        await OpensslAsync("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", _folder["terminal.key"]);
        await OpensslAsync("req", "-new", "-key", _folder["terminal.key"], "-sha256", "-subj", "/CN=EG000001", "-out", _folder["terminal.csr"]);
        await OpensslAsync(
            "x509", "-req", "-in", _folder["terminal.csr"], "-CA", _folder["ca.pem"], "-CAkey", _folder["ca.key"], "-CAcreateserial", "-sha256",
            "-days", "30", "-out", _folder["terminal.pem"]);
    }

    private static async Task OpensslAsync(params string[] arguments) => (await ToolProcess.RunAsync("openssl", arguments)).MustSucceed();

    private static Task<ToolResult> CardctlAsync(params string[] arguments) => ToolProcess.RunDotnetAsync("SmartCard.Cardctl", arguments);

    private static string PemOf(string text)
    {
        const string End = "-----END PUBLIC KEY-----";
        var begin = text.IndexOf("-----BEGIN PUBLIC KEY-----", StringComparison.Ordinal);
        return text[begin..(text.IndexOf(End, begin, StringComparison.Ordinal) + End.Length)] + "\n";
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;
}
