using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

// What a draw has to know stands in one row a household. It holds the open periods alone: those that are over for good move to rows of their own, where a late
// correction still finds them; the views show both.
public abstract class A_households_row(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;

    public async Task InitializeAsync() => _world = await LedgerWorld.OpenAsync(database);

    public async Task DisposeAsync()
    {
        await LedgerAudit.AssertHoldsAsync(_world.Database);
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Does_not_grow_with_the_years()
    {
        var card = _world.Household(members: 3);
        var lengths = new List<long>();
        for (var month = 0; month < 5; month++)
        {
            _world.GoTo(new DateOnly(2026, 11, 22).AddMonths(month));
            (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
            lengths.Add(await _world.SumAsync("households", "length(state)", $"household = {card.Household.Value}"));
        }

        Assert.InRange(lengths[^1], 1, lengths[2] + 40); // the first closing adds its date, and counters have more digits
        var bread = $"household = {card.Household.Value} AND quota = {Egypt.Bread.Value}";
        Assert.Equal(5, await _world.CountAsync("balances", bread));
        Assert.Equal(2, await _world.CountAsync("closed_balances", bread));
        Assert.Equal(5, await _world.CountAsync("allowances", bread));
    }

    [Fact]
    public async Task Lets_a_draw_of_a_closed_period_still_be_undone()
    {
        var card = _world.Household(members: 3);
        var signed = card.Draw(_world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15)));
        (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, [Tapping.Loaves(15)])).Approved();
        _world.GoTo(new DateOnly(2027, 3, 1));
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        var ofNovember = $"household = {card.Household.Value} AND period = 20261100 AND quota = {Egypt.Bread.Value}";
        Assert.Equal(1, await _world.CountAsync("closed_balances", ofNovember));

        Assert.Equal(ReversalResult.Undone, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        Assert.Equal(0, await _world.SumAsync("balances", "consumed", ofNovember));
        Assert.Equal(1, await _world.CountAsync("balances", ofNovember));
    }

    [Fact]
    public async Task Knows_where_each_card_stands_so_that_its_next_record_is_compared_with_the_last()
    {
        var card = _world.Household(members: 3);
        var first = card.Draw(_world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5)));
        (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, first, [Tapping.Loaves(5)])).Approved();

        Assert.Equal(first.Record.Atc.Value, await _world.SumAsync("card_counters", "atc", $"card = {card.Number.Value}"));
        Assert.Equal(unchecked((long)first.Chain().Value), await _world.SumAsync("card_counters", "chain_after", $"card = {card.Number.Value}"));
    }

    [Theory]
    [InlineData("""{"balances":[[1,20261100,5,0,595,0,20261122]],"allowances":[],"cards":[]}""")] // a number short
    [InlineData("""{"balances":[[1,20261100,5,0,595,0,20261122,5,0]],"allowances":[],"cards":[]}""")] // one too many
    [InlineData("""{"balances":[],"allowances":[],"cards":[],"points":[[1,2,3,4]]}""")] // of a later program
    [InlineData("""{"openSince":20261100,"balances":[],"allowances":[],"cards":[]}""")]
    public void Is_not_read_where_it_is_none_of_this_programs(string text) =>
        Assert.Throws<LedgerInvariantException>(() => HouseholdDocument.Decode(text, new HouseholdState(new HouseholdId(77), version: 1)));

    [Fact]
    public void Is_read_as_it_was_written()
    {
        var household = new HouseholdId(77);
        var (card, other) = (CardNumber.FromPayload(603_000_000_000_001), CardNumber.FromPayload(603_000_000_000_002));
        var written = new HouseholdState(household, version: 9);
        written.Read(new Balance(Egypt.Bread, new PeriodId(20261100)) { Consumed = 35, Lent = 20, Limit = 600, Day = 20261122, DayConsumed = 15 });
        written.Read(new Balance(Egypt.BreadPoints, new PeriodId(20261100)) { Credited = 900, Limit = 900 });
        written.Read(new LentAllowance(card, Egypt.Bread, new PeriodId(20261100)) { Granted = 60, Settled = 40, ScriptCounter = 161 });
        written.Read(new CardCounter(card, new Atc(41), new RecordChain(0xFEDC_BA98_7654_3210)));
        written.Read(new CardCounter(other, new Atc(65_535), new RecordChain(7)));
        _ = written.BalanceOf(Egypt.OilCap, new PeriodId(20261100)); // looked at, never moved

        var read = new HouseholdState(household, version: 9);
        HouseholdDocument.Decode(HouseholdDocument.Encode(written), read);

        Assert.Equal(2, read.Balances.Count);
        Assert.Equivalent(written.BalanceOf(Egypt.Bread, new PeriodId(20261100)), read.Balances[0], strict: true);
        Assert.Equivalent(written.BalanceOf(Egypt.BreadPoints, new PeriodId(20261100)), read.Balances[1], strict: true);
        Assert.Equivalent(written.Allowances, read.Allowances, strict: true);
        Assert.Equal(written.Counters, read.Counters);
    }
}

public sealed class A_households_row_on_sqlite(SqliteTestDatabase database) : A_households_row(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_households_row_on_postgres(PostgresTestDatabase database) : A_households_row(database), IClassFixture<PostgresTestDatabase>;
