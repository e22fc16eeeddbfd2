using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.PeriodEnds;
using SmartCard.Backend.Disbursements.Queries;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// Households, cards and merchants around a ledger on a real database. The clock stands at 10:00 in Cairo on Sunday 22 November 2026 until it is moved.
/// </summary>
internal sealed class LedgerWorld(TestDatabase database) : IAsyncDisposable
{
    public static readonly DateOnly Today = new(2026, 11, 22);
    public static readonly TerminalStanding Bakery = new(
        TerminalId.Parse("BAKERY01"), new MerchantId(501), new OutletId(601), TerminalState.Enrolled, false, "01", [ProgrammeCode.Bread]);
    public static readonly TerminalStanding Grocer = new(
        TerminalId.Parse("GROCER01"), new MerchantId(502), new OutletId(602), TerminalState.Enrolled, false, "02", [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints]);
    public static readonly TerminalStanding Cooperative = new(
        TerminalId.Parse("COOP0001"), new MerchantId(503), new OutletId(603), TerminalState.Enrolled, false, "03",
        [ProgrammeCode.Bread, ProgrammeCode.Groceries, ProgrammeCode.BreadPoints]);

    /// <summary>Nobody was anybody before.</summary>
    private static readonly DateOnly RegisteredOn = new(2026, 11, 1);

    private static long s_numbers = 1_000;

    private readonly ConcurrentDictionary<CardNumber, TestCard> _cards = [];
    private readonly ConcurrentDictionary<HouseholdId, HouseholdShape> _households = [];
    private readonly ConcurrentDictionary<CardNumber, CardHistory> _histories = [];
    private readonly List<LedgerInstance> _instances = [];

    public FakeClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    public ModuleDatabase Database => database.Database;

    public IDisbursements Ledger => _instances[0].Ledger;

    public LedgerPath Path => _instances[0].Path;

    public static async Task<LedgerWorld> OpenAsync(TestDatabase database)
    {
        await database.MigrateAsync(open => new DisbursementsDbContext(open));
        var world = new LedgerWorld(database);
        world.Start();
        return world;
    }

    /// <summary>Another process on the same database.</summary>
    public LedgerInstance Start(Action<LedgerOptions>? configure = null)
    {
        var instance = new LedgerInstance(this, ModuleDatabase.Create(database.Options), configure);
        _instances.Add(instance);
        return instance;
    }

    public TestCard Household(int members, params ushort[] programmes)
    {
        var household = new HouseholdId(Interlocked.Increment(ref s_numbers));
        _households[household] = new HouseholdShape(household, members, programmes.Length == 0 ? [1, 2] : programmes, Governorate: 1);
        return CardOf(household);
    }

    public TestCard CardOf(HouseholdId household)
    {
        var card = new TestCard(CardNumber.FromPayload((ulong)Interlocked.Increment(ref s_numbers)), household);
        return _cards[card.Number] = card;
    }

    public HouseholdId FirstHousehold => _households.Keys.MinBy(household => household.Value);

    /// <summary>The same card in another household's hands, which no honest backend ever says.</summary>
    public TestCard Moved(TestCard card, HouseholdId household) => _cards[card.Number] = card with { Household = household };

    public void Reshape(HouseholdId household, int members) => _households[household] = _households[household] with { Members = members };

    public void Forget(HouseholdId household) => _households.TryRemove(household, out _);

    public void Block(TestCard card, DateTimeOffset at, CardState state = CardState.Blocked)
    {
        card.State = state;
        _histories[card.Number] = new CardHistory(card.Number, card.Household, state, [new CardEvent(CardState.Active, at.AddDays(-30), "test", ""), new CardEvent(state, at, "test", "lost")]);
    }

    /// <summary>By hand, as an administrator would.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var write = await Database.BeginWriteAsync(CancellationToken.None);
        await using var command = write.Connection.CreateCommand();
        (command.Transaction, command.CommandText) = (write.Transaction, sql);
        await command.ExecuteNonQueryAsync();
        await write.CommitAsync(CancellationToken.None);
    }

    /// <summary>From now on the database refuses new rows of the table that the condition fits.</summary>
    public Task PoisonAsync(string table, string condition)
    {
        var name = Database.Table(DisbursementsDbContext.SchemaName, table);
        return ExecuteAsync(Database.Provider == DatabaseProvider.Postgres
            ? $"ALTER TABLE {name} ADD CONSTRAINT poison CHECK (NOT ({condition})) NOT VALID"
            : $"CREATE TRIGGER poison_{table} BEFORE INSERT ON {name} WHEN NEW.{condition} BEGIN SELECT RAISE(ABORT, 'poison'); END");
    }

    public Task HealAsync(string table) => ExecuteAsync(Database.Provider == DatabaseProvider.Postgres
        ? $"ALTER TABLE {Database.Table(DisbursementsDbContext.SchemaName, table)} DROP CONSTRAINT poison"
        : $"DROP TRIGGER poison_{table}");

    /// <summary>Ends every other connection to the database, in the middle of whatever it does.</summary>
    public async Task CutConnectionsAsync()
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        await command.ExecuteScalarAsync();
    }

    public Task<int> ExpireAllowancesAsync() => _instances[0].Expiries.ExpireAsync(CancellationToken.None);

    /// <summary>Of all households of this world, whatever else is on the database.</summary>
    public Task<int> RollOverAsync() => _instances[0].Rollovers.RollOverAsync(CancellationToken.None);

    public void GoTo(DateOnly date) => Clock.Advance(new DateTimeOffset(date.ToDateTime(new TimeOnly(8, 0)), TimeSpan.Zero) - Clock.GetUtcNow());

    public Task<long> CountAsync(string table, string where = "1 = 1") => ReadAsync("count(*)", table, where);

    public Task<long> SumAsync(string table, string column, string where) => ReadAsync($"coalesce(sum({column}), 0)", table, where);

    private async Task<long> ReadAsync(string what, string table, string where)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {what} FROM {Database.Table(DisbursementsDbContext.SchemaName, table)} WHERE {where}";
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    /// <summary>Draws with a lending, a reversal, a refund, a credit, an expiry, a case and a refusal.</summary>
    public async Task FillEveryTableAsync()
    {
        var card = Household(members: 3);
        var drawing = this.Drawing(Bakery, Tapping.Loaves(15));
        var signed = card.Draw(drawing);
        (await Ledger.AuthoriseAsync(Bakery, signed, drawing.Lines)).Approved();
        Assert.Equal(ReversalResult.Undone, await this.ReverseAsync(Bakery, signed));
        var refunded = card.Draw(drawing);
        (await Ledger.AuthoriseAsync(Bakery, refunded, drawing.Lines)).Approved();
        var refund = new RefundRequest(Bakery, refunded, new Guid((int)Interlocked.Increment(ref s_numbers), 1, 2, new byte[8]), drawing.Lines);
        Assert.IsType<Refund.Recorded>(await Ledger.RefundAsync(refund, CancellationToken.None));
        await Ledger.CreditAsync(new Guid((int)Interlocked.Increment(ref s_numbers), 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]), card.Household, Egypt.BreadPoints, new PeriodId(20261200), 100, CancellationToken.None);
        var forged = TestCard.Sign(card.Draw(drawing).Record, cryptogram: false);
        (await Ledger.AuthoriseAsync(Bakery, forged, drawing.Lines)).Declined(DeclineReason.WrongCryptogram);
        if (await CountAsync("expiries") == 0)
        {
            GoTo(new DateOnly(2026, 12, 8));
            Assert.True(await ExpireAllowancesAsync() > 0);
        }
    }

    /// <summary>Ends with an audit: no test may leave a ledger that does not add up.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.DisposeAsync();
        await LedgerAudit.AssertHoldsAsync(Database);
    }

    public ICards Cards() => Stub.Of<ICards>(
        nameof(ICards.FindAsync),
        arguments => Task.FromResult<IReadOnlyDictionary<CardNumber, CardStanding>>(
            ((IReadOnlyCollection<CardNumber>)arguments[0]!).Where(_cards.ContainsKey).ToDictionary(card => card, card => _cards[card].Standing)));

    public IRegistry Registry() => Stub.Of<IRegistry>(
        nameof(IRegistry.FindHouseholdsAsync),
        arguments => Task.FromResult<IReadOnlyDictionary<HouseholdId, HouseholdShape>>(
            ((IReadOnlyCollection<HouseholdId>)arguments[0]!).Where(_households.ContainsKey).ToDictionary(id => id, id => _households[id])));

    /// <summary>Where set, what happens before a page of households is listed.</summary>
    public Func<HouseholdId, Task>? BeforeListing { get; set; }

    public IRegistry ListedRegistry() => Stub.Of<IRegistry>(nameof(IRegistry.ListHouseholdsAsync), arguments => ListAsync((DateOnly)arguments[0]!, (HouseholdId)arguments[1]!, (int)arguments[2]!));

    private async Task<IReadOnlyList<HouseholdShape>> ListAsync(DateOnly date, HouseholdId after, int limit)
    {
        if (BeforeListing is not null)
            await BeforeListing(after);
        if (date < RegisteredOn)
            return [];
        return [.. _households.Values.Where(shape => shape.Household.Value > after.Value).OrderBy(shape => shape.Household.Value).Take(limit)];
    }

    public ICardIssuance Issuance() => Stub.Of<ICardIssuance>(
        nameof(ICardIssuance.HistoryAsync), arguments => Task.FromResult(_histories.GetValueOrDefault((CardNumber)arguments[0]!)));
}

/// <summary>One running backend, as far as the ledger is concerned.</summary>
internal sealed class LedgerInstance : IAsyncDisposable
{
    private readonly ModuleDatabase _database;
    private readonly Lookups _lookups;

    public LedgerInstance(LedgerWorld world, ModuleDatabase database, Action<LedgerOptions>? configure)
    {
        _database = database;
        var options = new LedgerOptions { Writers = 2, BackOffMs = 0 };
        configure?.Invoke(options);
        var calendar = new BusinessCalendar(world.Clock, Egypt.Programmes.Profile.IanaZone);
        Path = new LedgerPath(database, Options.Create(options), calendar, world.Clock, NullLogger<LedgerPath>.Instance);
        _lookups = new Lookups(world.Cards(), world.Issuance(), world.Registry(), Egypt.LendingGroceries, Path);
        var clock = new RecordClock(calendar);
        Expiries = new AllowanceExpiries(database, Path, Egypt.LendingGroceries, clock, NullLogger<AllowanceExpiries>.Instance);
        Rollovers = new PeriodRollovers(database, Path, Egypt.LendingGroceries, world.ListedRegistry(), clock, NullLogger<PeriodRollovers>.Instance);
        PeriodEnds = new PeriodEndService(Expiries, Rollovers, clock, Egypt.LendingGroceries, world.Clock, NullLogger<PeriodEndService>.Instance);
        Ledger = new DisbursementLedger(Path, new LedgerQueries(database), _lookups, new TestCryptography(), Egypt.LendingGroceries, clock);
    }

    public LedgerPath Path { get; }

    public IDisbursements Ledger { get; }

    public AllowanceExpiries Expiries { get; }

    public PeriodRollovers Rollovers { get; }

    /// <summary>Not started.</summary>
    public PeriodEndService PeriodEnds { get; }

    public async ValueTask DisposeAsync()
    {
        PeriodEnds.Dispose();
        await _lookups.DisposeAsync();
        await Path.DisposeAsync();
        await _database.DisposeAsync();
    }
}
