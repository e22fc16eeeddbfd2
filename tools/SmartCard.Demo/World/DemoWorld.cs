using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.CardOs.Links;
using SmartCard.Demo.Population;
using SmartCard.Demo.Report;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using EnrolmentOutcome = SmartCard.TerminalAgent.Backend.EnrolmentOutcome;

namespace SmartCard.Demo.World;

/// <summary>A merchant with an enrolled terminal's folder.</summary>
internal sealed record DemoMerchant(int Index, MerchantRegistration Merchant, TerminalId Terminal, string TerminalFolder)
{
    public bool IsBakery => Merchant.Kind == MerchantKind.Bakery;

    public OutletRegistration Outlet => Merchant.Outlets[0];
}

/// <summary>
/// Everything that exists before the day begins: a running backend, households with activated cards, merchants with enrolled terminals. All of it
/// is made through the interfaces that the real parties use.
/// </summary>
internal sealed class DemoWorld : IAsyncDisposable
{
    /// <summary>How many cards are personalised, and terminals enrolled, at the same time.</summary>
    private const int Parallel = 4;

    private readonly DemoOptions _options;
    private readonly StaffConnection _bureauConnection;

    private DemoWorld(DemoOptions options, DemoClock clock, BackendHost backend, BusinessCalendar calendar)
    {
        _options = options;
        Clock = clock;
        Backend = backend;
        Calendar = calendar;
        Rules = backend.Services.GetRequiredService<IProgrammes>().RulesOn(calendar.Today);
        Authority = backend.Services.GetRequiredService<ICertificateAuthority>();
        Root = X509CertificateLoader.LoadCertificate(Authority.RootCertificate.Span);
        _bureauConnection = StaffConnection.Open(backend.Address, Authority, "bureau", StaffRoles.Issuance, clock);
        Settlement = StaffConnection.Open(backend.Address, Authority, "settlement", StaffRoles.Reconciliation, clock);
        Bureau = new CardBureau(
            _bureauConnection.Channel.CreateCallInvoker(),
            new CardRiskLimits(Rules.Offline.ConsecutiveLower, Rules.Offline.ConsecutiveUpper, checked((uint)Rules.Offline.PinAboveMinor)),
            new CardApplicationData(Country(Rules), backend.Services.GetRequiredService<IProgrammes>().Profile.Currency));
    }

    public DemoClock Clock { get; }
    public BackendHost Backend { get; }
    public BusinessCalendar Calendar { get; }
    public ProgrammeRules Rules { get; }
    public ICertificateAuthority Authority { get; }

    /// <summary>The one certificate that terminals trust.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>The same, as PEM, for whoever wants to look.</summary>
    public string RootPath => Path.Combine(_options.DataFolder, "root.pem");
    public CardBureau Bureau { get; }
    public StaffConnection Settlement { get; }
    public IReadOnlyList<HouseholdRegistration> Households { get; private set; } = [];
    public IReadOnlyList<DemoMerchant> Merchants { get; private set; } = [];
    public IReadOnlyDictionary<HouseholdId, DemoCard> Cards { get; private set; } = new Dictionary<HouseholdId, DemoCard>();

    public IDisbursements Disbursements => Backend.Services.GetRequiredService<IDisbursements>();

    public IMerchantLedgers Ledgers => Backend.Services.GetRequiredService<IMerchantLedgers>();

    public IMerchants MerchantRegister => Backend.Services.GetRequiredService<IMerchants>();

    public static async Task<DemoWorld> BuildAsync(DemoOptions options, Stages stages, CancellationToken cancellation)
    {
        if (Directory.Exists(options.DataFolder))
            Directory.Delete(options.DataFolder, recursive: true);
        Directory.CreateDirectory(options.DataFolder);

        var clock = new DemoClock();
        var backend = await DemoBackend.StartAsync(options, clock, cancellation);
        var calendar = backend.Services.GetRequiredService<BusinessCalendar>();
        var world = new DemoWorld(options, clock, backend, calendar);
        await File.WriteAllTextAsync(world.RootPath, world.Root.ExportCertificatePem(), cancellation);
        await stages.RunAsync("Registering households", options.Households, done => world.RegisterHouseholdsAsync(done, cancellation));
        await stages.RunAsync("Personalising cards over SCP03", options.Households, done => world.PersonaliseAsync(done, cancellation));
        await stages.RunAsync("Enrolling terminals", options.Merchants, done => world.EnrolAsync(done, cancellation));
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        Settlement.Dispose();
        _bureauConnection.Dispose();
        await Backend.StopAsync(CancellationToken.None);
        await Backend.DisposeAsync();
        Root.Dispose();
    }

    private async Task RegisterHouseholdsAsync(Action done, CancellationToken cancellation)
    {
        Households = new PopulationGenerator(_options.Seed, Calendar.Today).Generate(_options.Households);
        var registry = Backend.Services.GetRequiredService<IRegistry>();
        foreach (var part in Households.Chunk(500))
        {
            var outcome = await registry.RegisterAsync(part, cancellation);
            if (outcome.Refusals.Count > 0)
                throw new InvalidOperationException($"The registry refused a generated household: {outcome.Refusals[0].Field}, {outcome.Refusals[0].Reason}.");
            foreach (var _ in part)
                done();
        }
    }

    private async Task PersonaliseAsync(Action done, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(_options.DataFolder, "cards"));
        var cards = new ConcurrentDictionary<HouseholdId, DemoCard>();
        var work = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation };
        await System.Threading.Tasks.Parallel.ForEachAsync(Households, work, async (household, token) =>
        {
            var number = await Bureau.OrderAsync(household.Household, token);
            var card = await ProduceCardAsync(household.Household, number, token);
            await Bureau.ActivateAsync(card.Number, token);
            cards[household.Household] = card;
            done();
        });
        Cards = cards;
    }

    /// <summary>The ordered card, issued and not yet activated, in a file of its own.</summary>
    public async Task<DemoCard> ProduceCardAsync(HouseholdId household, CardNumber number, CancellationToken cancellation)
    {
        var card = new DemoCard(household, number, Path.Combine(_options.DataFolder, "cards", $"{household}-{number.LastFour}.card"));
        using var blank = CardInHand.Manufacture(card.Path);
        var link = new InProcessCardLink(blank.Card);
        link.Insert();
        await Bureau.ProduceAsync(number, link, cancellation);
        link.Remove();
        return card;
    }

    private async Task EnrolAsync(Action done, CancellationToken cancellation)
    {
        var merchants = new List<DemoMerchant>();
        foreach (var (merchant, terminal) in DemoMerchants.Make(_options.Merchants))
        {
            var enrolled = new DemoMerchant(merchants.Count, merchant, terminal, Path.Combine(_options.DataFolder, "terminals", terminal.Value));
            await EnrolAsync(enrolled, cancellation);
            merchants.Add(enrolled);
            done();
        }
        Merchants = merchants;
    }

    /// <summary>Registers the merchant, if need be, and enrols the terminal with a new activation code.</summary>
    public async Task EnrolAsync(DemoMerchant merchant, CancellationToken cancellation)
    {
        if (await MerchantRegister.RegisterAsync(merchant.Merchant, cancellation) is MerchantOutcome.Refused refused)
            throw new InvalidOperationException($"A generated merchant was refused: {refused.Field}, {refused.Reason}.");
        if (await MerchantRegister.IssueActivationCodeAsync(merchant.Terminal, merchant.Outlet.Outlet, cancellation) is not ActivationOutcome.Issued letter)
            throw new InvalidOperationException("No activation code was issued for a generated terminal.");
        var order = new EnrolmentOrder(merchant.TerminalFolder, Backend.Address, Root, merchant.Terminal, letter.ActivationCode);
        var outcome = await Enrolment.EnrolAsync(order, Clock, cancellation);
        if (outcome is not EnrolmentOutcome.Enrolled)
            throw new InvalidOperationException($"Terminal {merchant.Terminal} could not be enrolled: {outcome}.");
    }

    // ISO 3166-1 numeric of the profile that the demonstration runs.
    private static ushort Country(ProgrammeRules _) => 818;
}
