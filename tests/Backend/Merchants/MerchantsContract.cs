using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>The module on one database, at a morning in Cairo. Each test takes merchants and terminals of its own.</summary>
public abstract class MerchantsContract(TestDatabase fixture) : IAsyncLifetime
{
    private static int _serial;

    private ServiceProvider _services = null!;

    private protected static readonly DateOnly Today = new(2026, 11, 22);

    private protected FakeClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero));

    private protected IMerchants Merchants => _services.GetRequiredService<IMerchants>();

    private protected IMerchantLedgers Ledgers => _services.GetRequiredService<IMerchantLedgers>();

    private protected IServiceProvider Services => _services;

    private protected ModuleDatabase Database => fixture.Database;

    public async Task InitializeAsync()
    {
        _services = TestServices.For(fixture, Clock)
            .AddMerchants(TestServices.NoSettings)
            .BuildServiceProvider();
        await _services.MigrateAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await _services.DisposeAsync();

    private protected static MerchantRegistration Bakery(params ProgrammeCode[] programmes)
    {
        var id = Next();
        return new MerchantRegistration(
            new MerchantId(id),
            MerchantKind.Bakery,
            new Label("مخبز النور", "Boulangerie An-Nour", "An-Nour Bakery"),
            programmes.Length == 0 ? [ProgrammeCode.Bread] : programmes,
            [new OutletRegistration(new OutletId(id * 10), new Label("فرع شبرا", "Succursale de Choubra", "Shubra branch"), 1)]);
    }

    private protected static TerminalId NextTerminal() => TerminalId.Parse($"T{Next():D7}");

    private protected static int Next() => Interlocked.Increment(ref _serial);

    /// <summary>SHA-256 of a terminal's requests, as the host would compute it.</summary>
    private protected static byte[] Keys(string name) => System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name));

    private protected static EnrolmentRecord Certificates(TerminalId terminal, byte[] keys, string serialNumber) => new(
        terminal, keys, serialNumber, new byte[] { 1, 2 }, [new byte[] { 3 }, new byte[] { 4, 5, 6 }], new byte[] { 7 }, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private protected async Task<MerchantRegistration> RegisteredAsync(params ProgrammeCode[] programmes)
    {
        var merchant = Bakery(programmes);
        Assert.IsType<MerchantOutcome.Done>(await Merchants.RegisterAsync(merchant, CancellationToken.None));
        return merchant;
    }

    private protected async Task<string> CodeAsync(TerminalId terminal, MerchantRegistration merchant) =>
        Assert.IsType<ActivationOutcome.Issued>(await Merchants.IssueActivationCodeAsync(terminal, merchant.Outlets[0].Outlet, CancellationToken.None)).ActivationCode;

    private protected Task<EnrolmentCheck> CheckAsync(TerminalId terminal, string code, byte[] keys) =>
        Merchants.CheckActivationAsync(terminal, code, keys, CancellationToken.None);

    private protected Task<EnrolmentOutcome> CompleteAsync(EnrolmentRecord enrolment) => Merchants.CompleteEnrolmentAsync(enrolment, CancellationToken.None);

    private protected async Task<TerminalId> EnrolledAsync(MerchantRegistration merchant)
    {
        var terminal = NextTerminal();
        var keys = Keys(terminal.Value);
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, await CodeAsync(terminal, merchant), keys));
        Assert.IsType<EnrolmentOutcome.Completed>(await CompleteAsync(Certificates(terminal, keys, "5E" + terminal.Value)));
        return terminal;
    }

    private protected async Task<TerminalStanding> StandingAsync(TerminalId terminal) =>
        (await Merchants.FindTerminalsAsync([terminal], CancellationToken.None))[terminal];
}
