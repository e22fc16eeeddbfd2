using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmartCard.Acceptance.Tests.Support;
using SmartCard.Backend;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Acceptance.Tests.GrpcPeer;

/// <summary>
/// The running backend against a client that shares nothing with it: Python with grpcio, stubs made from protocol/proto as the test runs,
/// everything else written from protocol/spec. The program checks; its report is this test's message.
/// </summary>
public sealed class GrpcPeerTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly HouseholdId Household = new(4_711);
    private static readonly MerchantId Bakery = new(11);
    private static readonly MerchantId OtherBakery = new(12);
    private static readonly TerminalId Terminal = TerminalId.Parse("BAKERY01");
    private static readonly TerminalId OtherTerminal = TerminalId.Parse("BAKERY02");

    [Fact]
    public Task A_client_in_another_language_does_a_days_work_on_sqlite() =>
        RunAsync(new Dictionary<string, string?> { ["Database:Provider"] = "sqlite" });

    [Fact]
    public async Task A_client_in_another_language_does_a_days_work_on_postgres()
    {
        var server = Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES")
            ?? throw new InvalidOperationException("SMARTCARD_POSTGRES is not set: run tools/test, which starts a PostgreSQL of its own.");
        var name = "peer_" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ToString();
            await RunAsync(new Dictionary<string, string?> { ["Database:Provider"] = "postgres", ["Database:ConnectionString"] = connection });
        }
        finally
        {
            await ExecuteAsync(server, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    private static async Task RunAsync(Dictionary<string, string?> settings)
    {
        using var folder = new TemporaryFolder();
        settings["Database:DataFolder"] = folder["data"];
        settings["Secrets:Passphrase"] = "for this test alone";
        settings["Server:Listen"] = "127.0.0.1:0";
        settings["Registry:NationalIdCheckDigit"] = "ignore";
        await using var backend = await BackendHost.BuildAsync(new EmbeddedBackend { Settings = settings }, CancellationToken.None);
        await backend.StartAsync(CancellationToken.None);

        var peer = await PrepareAsync(backend);
        await File.WriteAllTextAsync(folder["settings.json"], JsonSerializer.Serialize(peer));
        var result = await ToolProcess.RunAsync(Python, Repository.File("tests", "Acceptance", "GrpcPeer", "peer.py"), folder["settings.json"]);
        Assert.EndsWith("done", result.MustSucceed().Output.TrimEnd(), StringComparison.Ordinal);
    }

    private static async Task<Dictionary<string, object>> PrepareAsync(BackendHost backend)
    {
        var services = backend.Services;
        var registered = await services.GetRequiredService<IRegistry>().RegisterAsync(
            [new HouseholdRegistration(Household, 1, [1, 2, 3], [Person("29001010112341", MemberRole.Head), Person("29001010112351", MemberRole.Spouse)])], CancellationToken.None);
        Assert.Empty(registered.Refusals);

        var merchants = services.GetRequiredService<IMerchants>();
        var code = await ShopAsync(merchants, Bakery, Terminal);
        await ShopAsync(merchants, OtherBakery, OtherTerminal);

        var authority = services.GetRequiredService<ICertificateAuthority>();
        using var staffKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var staffRequest = new CertificateRequest("CN=peer", staffKey, HashAlgorithmName.SHA256).CreateSigningRequest();
        var staff = Assert.IsType<StaffCertificationOutcome.Certified>(authority.CertifyStaff("peer", StaffRoles.Issuance | StaffRoles.Reconciliation, staffRequest));
        var calendar = services.GetRequiredService<BusinessCalendar>();
        var now = calendar.LocalOf(calendar.UtcNow);
        return new Dictionary<string, object>
        {
            ["address"] = backend.Address.Authority,
            ["proto"] = Repository.File("protocol", "proto"),
            ["rootPem"] = Pem(authority.RootCertificate),
            ["terminal"] = Terminal.Value,
            ["otherTerminal"] = OtherTerminal.Value,
            ["activationCode"] = code,
            ["merchant"] = Bakery.Value,
            ["otherMerchant"] = OtherBakery.Value,
            ["household"] = Household.Value,
            ["members"] = 2,
            ["today"] = (now.Year * 10_000) + (now.Month * 100) + now.Day,
            ["time"] = (now.Hour * 10_000) + (now.Minute * 100) + now.Second,
            ["staffKeyPem"] = staffKey.ExportPkcs8PrivateKeyPem(),
            ["staffCertificatesPem"] = string.Concat(staff.TlsChain.Prepend(staff.TlsCertificate).Select(Pem)),
            ["reconcile"] = services.GetService<Backend.Reconciliation.Contracts.IReconciliation>() is not null,
        };
    }

    private static async Task<string> ShopAsync(IMerchants merchants, MerchantId merchant, TerminalId terminal)
    {
        var (name, outlet) = (new Label("مخبز", "Boulangerie", "Bakery"), new OutletId(merchant.Value * 10));
        var registration = new MerchantRegistration(merchant, MerchantKind.Bakery, name, [ProgrammeCode.Bread], [new OutletRegistration(outlet, name, 1)]);
        Assert.IsType<MerchantOutcome.Done>(await merchants.RegisterAsync(registration, CancellationToken.None));
        return Assert.IsType<ActivationOutcome.Issued>(await merchants.IssueActivationCodeAsync(terminal, outlet, CancellationToken.None)).ActivationCode;
    }

    private static MemberRegistration Person(string nationalId, MemberRole role) => new(nationalId, "أمينة", "عبد الله", new DateOnly(1990, 1, 1), role);

    private static string Pem(ReadOnlyMemory<byte> certificate)
    {
        using var loaded = X509CertificateLoader.LoadCertificate(certificate.Span);
        return loaded.ExportCertificatePem() + "\n";
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Database = "postgres", Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
