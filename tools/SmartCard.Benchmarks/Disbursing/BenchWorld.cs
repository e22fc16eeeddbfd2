using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using SmartCard.Backend;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.PeriodEnds;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Demo.World;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using EnrolmentOutcome = SmartCard.TerminalAgent.Backend.EnrolmentOutcome;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>A backend of this process on a database of its own: its tables made, its terminals enrolled through their own door. The process under test takes it over.</summary>
internal sealed class BenchWorld : IAsyncDisposable
{
    /// <summary>Each with a connection of its own, and one call under way at a time.</summary>
    private const int TerminalCount = 64;

    private const string AggregatorName = "bench";

    private readonly BackendHost _host;

    private BenchWorld(BackendHost host, IReadOnlyDictionary<string, string?> settings) => (_host, Settings) = (host, settings);

    public IReadOnlyDictionary<string, string?> Settings { get; }

    public IServiceProvider Services => _host.Services;

    public IReadOnlyList<TerminalStanding> Terminals { get; private set; } = [];

    public IReadOnlyList<TerminalIdentity> Identities { get; private set; } = [];

    public X509Certificate2 Root { get; private set; } = null!;

    /// <summary>Of whom every terminal's draws may come.</summary>
    public X509Certificate2 Aggregator { get; private set; } = null!;

    /// <summary>The authorities between the aggregator's certificate and the root.</summary>
    public X509Certificate2Collection AggregatorChain { get; } = [];

    public static async Task<BenchWorld> CreateAsync(string folder, string? postgres, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Server:Listen"] = "127.0.0.1:0",
            ["Secrets:Passphrase"] = RandomNumberGenerator.GetHexString(32),
            ["Database:Provider"] = postgres is null ? "sqlite" : "postgres",
            ["Database:DataFolder"] = Path.Combine(folder, "backend"),
            // A terminal of the benchmark stands for hundreds.
            ["Server:TerminalCallsPerSecond"] = "100000",
            ["Server:TerminalCallsAtOnce"] = "100000",
        };
        if (postgres is not null)
            settings["Database:ConnectionString"] = postgres;
        else
            settings["Disbursements:BatchMax"] = "1024"; // SQLite has one writer and flushes once a batch
        var host = await BackendHost.BuildAsync(new EmbeddedBackend { Settings = settings, Logging = logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole() }, cancellation);
        return new BenchWorld(host, settings);
    }

    /// <summary>Starts the server for as long as it takes to enrol the terminals.</summary>
    public async Task EnrolTerminalsAsync(string folder, CancellationToken cancellation)
    {
        await _host.StartAsync(cancellation);
        var merchants = Services.GetRequiredService<IMerchants>();
        var authority = Services.GetRequiredService<ICertificateAuthority>();
        Root = X509CertificateLoader.LoadCertificate(authority.RootCertificate.Span);
        Aggregator = Certify(authority);
        var identities = new List<TerminalIdentity>();
        foreach (var (merchant, terminal) in DemoMerchants.Make(2 * TerminalCount).Where(pair => pair.Merchant.Kind == MerchantKind.Bakery).Take(TerminalCount))
        {
            await merchants.RegisterAsync(merchant, cancellation);
            if (await merchants.IssueActivationCodeAsync(terminal, merchant.Outlets[0].Outlet, cancellation) is not ActivationOutcome.Issued letter)
                throw new InvalidOperationException("No activation code was issued.");
            var terminalFolder = Path.Combine(folder, "terminals", terminal.Value);
            if (await Enrolment.EnrolAsync(new EnrolmentOrder(terminalFolder, _host.Address, Root, terminal, letter.ActivationCode), TimeProvider.System, cancellation) is not EnrolmentOutcome.Enrolled)
                throw new InvalidOperationException("A terminal could not be enrolled.");
            identities.Add(TerminalIdentity.Load(terminalFolder)!);
            await merchants.PlaceTerminalAsync(terminal, AggregatorName, cancellation);
        }
        await _host.StopAsync(cancellation);
        Identities = identities;
        var standings = await merchants.FindTerminalsAsync([.. identities.Select(identity => identity.Terminal)], cancellation);
        Terminals = [.. identities.Select(identity => standings[identity.Terminal])];
    }

    /// <summary>The rests of past periods are credited in the first nights of a month: in its middle that is done, and nothing of it runs beside what is measured.</summary>
    public async Task EndPeriodsAsync(BenchPopulation population, CancellationToken cancellation)
    {
        var progress = new RolloverProgress(Services.GetRequiredService<IDbConnectionFactory>());
        foreach (var rollover in Services.GetRequiredService<PeriodRollovers>().Due())
            await progress.NoteAsync(rollover, BenchPopulation.HouseholdOf(population.Count - 1), TimeProvider.System.GetUtcNow(), cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var identity in Identities)
            identity.Dispose();
        Aggregator?.Dispose();
        Root?.Dispose();
        await _host.DisposeAsync();
    }

    private X509Certificate2 Certify(ICertificateAuthority authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={AggregatorName}", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        if (authority.CertifyAggregator(AggregatorName, request) is not StaffCertificationOutcome.Certified certified)
            throw new InvalidOperationException("The certificate authority refused a certificate for an aggregator.");
        foreach (var intermediate in authority.IntermediateCertificates)
            AggregatorChain.Add(X509CertificateLoader.LoadCertificate(intermediate.Span));
        using var bare = X509CertificateLoader.LoadCertificate(certified.TlsCertificate.Span);
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>A new, empty database on the server.</summary>
    public static async Task<string> CreateDatabaseAsync(string server, string name, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(cancellation);
        foreach (var statement in new[] { $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", $"CREATE DATABASE {name}" })
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }
}
