using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>
/// Reconciliation over the real merchants' ledgers and a ministry's ledger in memory. Each test has a business date of its own, and begins
/// on it at noon.
/// </summary>
public abstract class ReconciliationContract : IAsyncLifetime
{
    private static int _days;
    private static int _serial;

    private readonly TestDatabase _fixture;
    private readonly BusinessCalendar _calendar;
    private ServiceProvider _services = null!;

    protected ReconciliationContract(TestDatabase fixture)
    {
        _fixture = fixture;
        Day = new DateOnly(2026, 1, 1).AddDays(Interlocked.Increment(ref _days));
        Clock = new FakeClock(new DateTimeOffset(Day, new TimeOnly(10, 0), TimeSpan.Zero));
        _calendar = new BusinessCalendar(Clock, "Africa/Cairo");
    }

    private protected DateOnly Day { get; }

    private protected FakeClock Clock { get; }

    private protected MinistryInMemory Ministry { get; } = new();

    private protected ModuleDatabase Database => _fixture.Database;

    private protected IReconciliation Reconciliation => _services.GetRequiredService<IReconciliation>();

    private protected IMerchantLedgers Ledgers => _services.GetRequiredService<IMerchantLedgers>();

    public async Task InitializeAsync()
    {
        _services = TestServices.For(_fixture, Clock)
            .AddSingleton<IDisbursements>(Ministry)
            .AddSingleton<IProgrammes>(Egypt.Programmes)
            .AddMerchants(TestServices.NoSettings)
            .AddReconciliation(TestServices.NoSettings)
            .BuildServiceProvider();
        await _services.MigrateAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await _services.DisposeAsync();

    /// <summary>A grocer who serves everything, with one terminal.</summary>
    private protected async Task<Shop> ShopAsync(string name = "Shop")
    {
        var merchants = _services.GetRequiredService<IMerchants>();
        var id = Interlocked.Increment(ref _serial);
        var (merchant, outlet, terminal) = (new MerchantId(id), new OutletId(id), TerminalId.Parse($"R{id:D7}"));
        var label = new Label("متجر", "Magasin", name);
        Assert.IsType<MerchantOutcome.Done>(await merchants.RegisterAsync(
            new MerchantRegistration(merchant, MerchantKind.Grocer, label, [ProgrammeCode.Bread, ProgrammeCode.Groceries], [new OutletRegistration(outlet, label, 1)]),
            CancellationToken.None));
        await merchants.IssueActivationCodeAsync(terminal, outlet, CancellationToken.None);
        return new Shop(merchant, outlet, terminal);
    }

    private protected async Task<TerminalId> AnotherTerminalAsync(Shop shop)
    {
        var terminal = TerminalId.Parse($"R{Interlocked.Increment(ref _serial):D7}");
        await _services.GetRequiredService<IMerchants>().IssueActivationCodeAsync(terminal, shop.Outlet, CancellationToken.None);
        return terminal;
    }

    /// <summary>Ten loaves at 20 piastres, subsidised with 164 each, drawn and recorded on the test's day.</summary>
    private protected RecordedLine Draw(Shop shop, ulong number) => new(
        new TransactionId(((UInt128)Day.DayNumber << 64) | number), ProgrammeCode.Bread, shop.Merchant, shop.Terminal, 10, 200, 1_640, Day, Day, Offline: false);

    private protected static LedgerLine ClaimOf(RecordedLine draw) => new(
        draw.Transaction.ToString(), draw.Terminal.Value, draw.Programme.Value, draw.Quantity, draw.CitizenPaidMinor, draw.DrawnOn, "");

    /// <summary>Of so many loaves, on the test's day, whenever they were drawn.</summary>
    private protected RefundedLine Refund(RecordedLine draw, long loaves) => new(
        draw.Transaction, draw.Programme, draw.Merchant, draw.Terminal, loaves, loaves * 20, loaves * 164, draw.DrawnOn, Day);

    private protected static LedgerLine ClaimOf(RefundedLine refund) => new(
        refund.Transaction.ToString(), refund.Terminal.Value, refund.Programme.Value, refund.Quantity, refund.CitizenGetsMinor, refund.RefundedOn, "")
    {
        IsRefund = true,
    };

    private protected async Task ClaimAsync(Shop shop, params LedgerLine[] lines)
    {
        var upload = new LedgerUpload(new Guid(Interlocked.Increment(ref _serial), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), shop.Merchant, _calendar.Today, 0);
        var received = Assert.IsType<UploadOutcome.Received>(await Ledgers.UploadAsync(upload, Chunks(lines), CancellationToken.None));
        Assert.Equal((lines.Length, 0), (received.Accepted, received.Refused));
    }

    private protected void Advance(TimeSpan by) => Clock.Advance(by);

    private protected Task<ReconciliationRun> RunAsync() => Reconciliation.RunAsync(Day, "evening", CancellationToken.None);

    private protected async Task<IReadOnlyList<Break>> BreaksAsync(long runId) =>
        (await Reconciliation.BreaksAsync(runId, 0, 500, CancellationToken.None))!.Breaks;

    /// <summary>Counts in the order matched, missing at merchant, missing at ministry, amount differs, duplicate, late.</summary>
    private protected static (long Matched, long AtMerchant, long AtMinistry, long Differs, long Duplicate, long Late) Classes(ReconciliationTotals totals) =>
        (totals.Matched, totals.MissingAtMerchant, totals.MissingAtMinistry, totals.AmountDiffers, totals.Duplicate, totals.Late);

    private static async IAsyncEnumerable<IReadOnlyList<LedgerLine>> Chunks(LedgerLine[] lines)
    {
        foreach (var chunk in lines.Chunk(500))
        {
            await Task.Yield();
            yield return chunk;
        }
    }

    private protected sealed record Shop(MerchantId Merchant, OutletId Outlet, TerminalId Terminal);
}

/// <summary>What the ministry recorded, by the day of the draw.</summary>
internal sealed class MinistryInMemory : IDisbursements
{
    private readonly List<RecordedLine> _lines = [];
    private readonly List<RefundedLine> _refunds = [];

    public void Record(params RecordedLine[] lines) => _lines.AddRange(lines);

    public void Refund(params RefundedLine[] lines) => _refunds.AddRange(lines);

    public async IAsyncEnumerable<RecordedLine> LinesOfAsync(DateOnly businessDate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var line in _lines.Where(line => line.DrawnOn == businessDate))
            yield return line;
    }

    public Task<Inquiry> InquireAsync(CardNumber card, TerminalStanding terminal, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Authorisation> AuthoriseAsync(DrawRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Authorisation> PresentAsync(DrawRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Reversal> ReverseAsync(ReversalRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<BatchTotal>> TotalsOfAsync(TerminalId terminal, DateOnly businessDate, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Refund> RefundAsync(RefundRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public async IAsyncEnumerable<RefundedLine> RefundsOfAsync(DateOnly businessDate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var line in _refunds.Where(line => line.RefundedOn == businessDate))
            yield return line;
    }

    public Task CreditAsync(Guid creditId, HouseholdId household, QuotaCode quota, PeriodId period, long amount, CancellationToken cancellation) => throw new NotSupportedException();
}
