using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Demo.Population;
using SmartCard.Demo.World;
using SmartCard.Faults.Network;
using SmartCard.Faults.Processes;
using SmartCard.Protocol.Personalisation;
using SmartCard.TerminalAgent.Backend;
using EnrolmentOutcome = SmartCard.TerminalAgent.Backend.EnrolmentOutcome;

namespace SmartCard.Faults.World;

internal enum SiteKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// One installation: a database on a small disk of its own, the backend's process, a proxy before each, and around them households, cards and enrolled terminals. Everything is
/// made through the interfaces that the real parties use, by a backend inside the campaign; after that only the process serves.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private const int Merchants = 10;
    private const int DiskMegabytes = 640;

    private readonly CuttingProxy? _databaseProxy;
    private X509Certificate2 _root = null!;

    private Site(SiteKind kind, string folder, SmallDisk? disk, string noDisk, PostgresProcess? postgres)
    {
        (Kind, Folder, Disk, NoDisk, Postgres) = (kind, folder, disk, noDisk, postgres);
        DataFolder = Path.Combine(disk?.Path ?? folder, "backend");
        if (postgres is not null)
            _databaseProxy = new CuttingProxy(() => postgres.Address);
        Backend = new BackendProcess(Settings(), Path.Combine(folder, "backend.log"));
        ClientProxy = new CuttingProxy(() => Backend.Address ?? Embedded);
    }

    public SiteKind Kind { get; }

    /// <summary>Logs and terminals; on the machine's own disk.</summary>
    public string Folder { get; }

    /// <summary>Null where none could be mounted, because of <see cref="NoDisk"/>.</summary>
    public SmallDisk? Disk { get; }

    public string NoDisk { get; }

    public PostgresProcess? Postgres { get; }

    public BackendProcess Backend { get; }

    public CuttingProxy ClientProxy { get; }

    /// <summary>Between backend and PostgreSQL.</summary>
    public CuttingProxy DatabaseProxy => _databaseProxy ?? throw new InvalidOperationException("SQLite has no connection to cut.");

    public string DataFolder { get; }

    public string SqliteFile => Path.Combine(DataFolder, "smartcard.db");

    /// <summary>Cards that the campaign holds in its hands.</summary>
    public IReadOnlyList<SigningCard> Cards { get; private set; } = [];

    /// <summary>Terminals that the campaign speaks for, with their certificates.</summary>
    public IReadOnlyList<LoadTerminal> Terminals { get; private set; } = [];

    /// <summary>The one terminal that runs as a process of its own, and its cards as files.</summary>
    public string TerminalFolder { get; private set; } = "";

    public IReadOnlyList<string> CardFiles { get; private set; } = [];

    public BusinessCalendar Calendar { get; private set; } = null!;

    private System.Net.EndPoint? Embedded { get; set; }

    public static async Task<Site> BuildAsync(SiteKind kind, string folder, int cards, int cardFiles, int seed, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var (disk, noDisk) = await SmallDisk.MountAsync(Path.Combine(folder, "disk"), DiskMegabytes);
        var postgres = kind == SiteKind.Postgres
            ? await PostgresProcess.CreateAsync(Path.Combine(disk?.Path ?? folder, "postgres"), Path.Combine(folder, "postgres.log"))
            : null;
        var site = new Site(kind, folder, disk, noDisk, postgres);
        await site.PopulateAsync(cards, cardFiles, seed, cancellation);
        await site.Backend.StartAsync();
        return site;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var terminal in Terminals)
            terminal.Dispose();
        await Backend.DisposeAsync();
        await ClientProxy.DisposeAsync();
        if (_databaseProxy is not null)
            await _databaseProxy.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
        if (Disk is not null)
            await Disk.DisposeAsync();
        _root.Dispose();
    }

    private Dictionary<string, string?> Settings() => new()
    {
        ["Server:Listen"] = "127.0.0.1:0",
        // A terminal of the campaign asks as fast as a hundred shops would.
        ["Server:TerminalCallsPerSecond"] = "10000",
        ["Server:TerminalCallsAtOnce"] = "10000",
        ["Secrets:Passphrase"] = RandomNumberGenerator.GetHexString(32),
        ["Database:Provider"] = Kind == SiteKind.Postgres ? "postgres" : "sqlite",
        ["Database:DataFolder"] = DataFolder,
        ["Database:ConnectionString"] = Kind == SiteKind.Postgres
            ? $"Host=127.0.0.1;Port={DatabaseProxy.Port};Username=smartcard;Database=smartcard;Timeout=5;Command Timeout=10;SSL Mode=Disable"
            : null,
    };

    private async Task PopulateAsync(int cards, int cardFiles, int seed, CancellationToken cancellation)
    {
        await using var backend = await BackendHost.BuildAsync(new EmbeddedBackend { Settings = Backend.Settings }, cancellation);
        await backend.StartAsync(cancellation);
        Embedded = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, backend.Address.Port);
        Calendar = backend.Services.GetRequiredService<BusinessCalendar>();
        var authority = backend.Services.GetRequiredService<ICertificateAuthority>();
        _root = X509CertificateLoader.LoadCertificate(authority.RootCertificate.Span);

        await EnrolAsync(backend.Services.GetRequiredService<IMerchants>(), cancellation);
        await PersonaliseAsync(backend, authority, cards, cardFiles, seed, cancellation);
        await backend.StopAsync(cancellation);
        Embedded = null;
    }

    private async Task EnrolAsync(IMerchants merchants, CancellationToken cancellation)
    {
        var address = new Uri($"https://127.0.0.1:{ClientProxy.Port}");
        var terminals = new List<LoadTerminal>();
        foreach (var (merchant, terminal) in DemoMerchants.Make(Merchants))
        {
            if (await merchants.RegisterAsync(merchant, cancellation) is MerchantOutcome.Refused refused)
                throw new InvalidOperationException($"A merchant was refused: {refused.Field}, {refused.Reason}.");
            if (await merchants.IssueActivationCodeAsync(terminal, merchant.Outlets[0].Outlet, cancellation) is not ActivationOutcome.Issued letter)
                throw new InvalidOperationException("No activation code was issued.");
            var folder = Path.Combine(Folder, "terminals", terminal.Value);
            var outcome = await Enrolment.EnrolAsync(new EnrolmentOrder(folder, address, _root, terminal, letter.ActivationCode), TimeProvider.System, cancellation);
            if (outcome is not EnrolmentOutcome.Enrolled)
                throw new InvalidOperationException($"Terminal {terminal} could not be enrolled: {outcome}.");
            // The first bakery's terminal is a process of its own.
            if (TerminalFolder.Length == 0)
                TerminalFolder = folder;
            else
                terminals.Add(new LoadTerminal(address, folder, merchant.Kind == MerchantKind.Bakery));
        }
        Terminals = terminals;
    }

    private async Task PersonaliseAsync(BackendHost backend, ICertificateAuthority authority, int cards, int cardFiles, int seed, CancellationToken cancellation)
    {
        var households = new PopulationGenerator(seed, Calendar.Today).Generate(cards + cardFiles);
        var registry = backend.Services.GetRequiredService<IRegistry>();
        if (await registry.RegisterAsync(households, cancellation) is { Refusals: [var refusal, ..] })
            throw new InvalidOperationException($"The registry refused a household: {refusal.Field}, {refusal.Reason}.");
        var programmes = backend.Services.GetRequiredService<IProgrammes>();
        var offline = programmes.RulesOn(Calendar.Today).Offline;
        using var staff = StaffConnection.Open(backend.Address, authority, "bureau", StaffRoles.Issuance, TimeProvider.System);
        var bureau = new CardBureau(
            staff.Channel.CreateCallInvoker(),
            new CardRiskLimits(offline.ConsecutiveLower, offline.ConsecutiveUpper, checked((uint)offline.PinAboveMinor)),
            new CardApplicationData(818, programmes.Profile.Currency));

        var (inHand, files) = (new List<SigningCard>(), new List<string>());
        Directory.CreateDirectory(Path.Combine(Folder, "cards"));
        foreach (var household in households)
        {
            var number = await bureau.OrderAsync(household.Household, cancellation);
            if (files.Count < cardFiles)
            {
                files.Add(Path.Combine(Folder, "cards", $"{household.Household}.card"));
                await SigningCard.ProduceFileAsync(files[^1], number, bureau, cancellation);
            }
            else
            {
                inHand.Add(await SigningCard.ProduceAsync(household.Household, number, bureau, cancellation));
            }
            await bureau.ActivateAsync(number, cancellation);
        }
        (Cards, CardFiles) = (inHand, files);
    }
}
