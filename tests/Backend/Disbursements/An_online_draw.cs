using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// Approved: once, with what is left. Limits: the window of a day, the evening's, the month's, caps; several programmes all or none; across midnight
/// and month's end. Repeated: byte for byte.
/// </summary>
public abstract class An_online_draw(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;

    public async Task InitializeAsync() => _world = await LedgerWorld.OpenAsync(database);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Is_approved_with_what_the_citizen_pays_and_the_fund_owes()
    {
        var card = _world.Household(members: 3);

        var answer = await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));

        var approved = answer.Approved();
        Assert.Equal((15 * 164, 15 * 20), (approved.SubsidyMinor, approved.CitizenPaysMinor));
        Assert.Equal(LedgerWorld.Today, approved.BusinessDate);
        var bread = Assert.Single(approved.Balances);
        Assert.Equal((Egypt.Bread, 450L, 15L, 15L), (bread.Quota, bread.Limit, bread.Consumed, bread.Lent));
        Assert.Equal("00"u8.ToArray(), answer.Arc.ToArray());
        Assert.Equal(8, answer.Arpc.Length);
    }

    [Fact]
    public async Task Leaves_on_the_next_one_what_it_left()
    {
        var card = _world.Household(members: 3);

        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var bread = await _world.BalanceAsync(card, Egypt.Bread);

        Assert.Equal((30L, 15L), (bread.Consumed, bread.AvailableNow));
    }

    [Fact]
    public async Task Is_answered_the_same_byte_for_byte_however_often_it_comes()
    {
        var card = _world.Household(members: 3);
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15));
        var signed = card.Draw(drawing);
        var first = await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, drawing.Lines);

        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        _world.Clock.Advance(TimeSpan.FromHours(30));
        _world.Block(card, _world.Clock.GetUtcNow());
        var again = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, drawing.Lines)));

        Assert.All(again, answer => Assert.Equal(first.OutcomeBytes.ToArray(), answer.OutcomeBytes.ToArray()));
        Assert.Equal(30, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Beyond_the_days_window_is_declined_with_what_the_window_has_left()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(40));

        var declined = (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(10))).Declined(DeclineReason.OutsideDrawWindow);

        Assert.Equal((Egypt.Bread, 5L, false), (declined.Quota, declined.Available, declined.FraudCase));
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
    }

    [Fact]
    public async Task Finds_a_new_window_on_the_next_day()
    {
        var card = _world.Household(members: 5);
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(50))).Approved();
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.OutsideDrawWindow);

        _world.Clock.Advance(TimeSpan.FromDays(1));

        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(50))).Approved();
    }

    [Fact]
    public async Task Dated_before_the_households_latest_day_finds_the_window_shut()
    {
        var card = _world.Household(members: 3);
        _world.Clock.Advance(new DateTimeOffset(2026, 11, 22, 22, 2, 0, TimeSpan.Zero) - _world.Clock.GetUtcNow());
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();

        var slowClock = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5)) with { Date = LedgerWorld.Today, Time = new TimeOnly(23, 58) };

        (await _world.TapAsync(card, LedgerWorld.Bakery, slowClock)).Declined(DeclineReason.OutsideDrawWindow);
    }

    [Fact]
    public async Task Beyond_the_months_money_is_declined_with_what_is_left()
    {
        var card = _world.Household(members: 2);
        await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(3));

        var left = await _world.BalanceAsync(card, Egypt.Groceries);
        var declined = (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(4))).Declined(DeclineReason.BeyondEntitlement);

        Assert.Equal((10_000L, 3780L), (left.Limit, left.Consumed));
        Assert.Equal(left.Limit - left.Consumed - left.Lent, declined.Available);
        Assert.Equal(Egypt.Groceries, declined.Quota);
    }

    [Fact]
    public async Task Beyond_a_cap_is_declined_naming_the_cap()
    {
        var card = _world.Household(members: 4);
        await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfOil(3));

        var declined = (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfOil(2))).Declined(DeclineReason.BeyondCap);

        Assert.Equal((Egypt.OilCap, 1L), (declined.Quota, declined.Available));
    }

    [Fact]
    public async Task Of_several_programmes_takes_all_or_none()
    {
        var card = _world.Household(members: 4);

        (await _world.TapAsync(card, LedgerWorld.Cooperative, Tapping.Loaves(20), Tapping.OfOil(5))).Declined(DeclineReason.BeyondCap);
        Assert.Equal(0, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
        Assert.Equal(0, (await _world.BalanceAsync(card, Egypt.Groceries)).Consumed);

        var approved = (await _world.TapAsync(card, LedgerWorld.Cooperative, Tapping.Loaves(20), Tapping.OfOil(2))).Approved();
        Assert.Equal([Egypt.Bread, Egypt.Groceries, Egypt.OilCap], approved.Balances.Select(balance => balance.Quota));
        Assert.Equal(((20 * 164) + 6000, 400), (approved.SubsidyMinor, approved.CitizenPaysMinor));
    }

    [Fact]
    public async Task In_a_new_month_starts_from_nothing()
    {
        var card = _world.Household(members: 1);
        _world.Clock.Advance(new DateTimeOffset(2026, 11, 30, 21, 55, 0, TimeSpan.Zero) - _world.Clock.GetUtcNow());
        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(2))).Approved();

        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var approved = (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(1))).Approved();

        Assert.Equal((new PeriodId(20261200), 1260L), (approved.Balances[0].Period, approved.Balances[0].Consumed));
    }

    [Fact]
    public async Task Dated_before_midnight_counts_in_the_month_that_it_names()
    {
        var card = _world.Household(members: 1);
        _world.Clock.Advance(new DateTimeOffset(2026, 11, 30, 22, 3, 0, TimeSpan.Zero) - _world.Clock.GetUtcNow());
        var slowClock = _world.Drawing(LedgerWorld.Grocer, Tapping.OfRice(1)) with { Date = new DateOnly(2026, 11, 30), Time = new TimeOnly(23, 58) };

        var approved = (await _world.TapAsync(card, LedgerWorld.Grocer, slowClock)).Approved();

        Assert.Equal((new PeriodId(20261100), new DateOnly(2026, 11, 30)), (approved.Balances[0].Period, approved.BusinessDate));
    }

    [Fact]
    public async Task On_credited_points_takes_what_was_credited_once()
    {
        var card = _world.Household(members: 2);
        _world.Clock.Advance(TimeSpan.FromDays(10));
        var credit = new Guid("6f1b7c6e-0000-4000-8000-000000000001");
        await _world.Ledger.CreditAsync(credit, card.Household, Egypt.BreadPoints, new PeriodId(20261200), 2600, CancellationToken.None);
        await _world.Ledger.CreditAsync(credit, card.Household, Egypt.BreadPoints, new PeriodId(20261200), 2600, CancellationToken.None);

        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRiceForPoints(2))).Approved();
        var declined = (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRiceForPoints(1))).Declined(DeclineReason.BeyondEntitlement);

        Assert.Equal((Egypt.BreadPoints, 80L), (declined.Quota, declined.Available));
    }

    [Fact]
    public async Task Of_a_household_that_shrank_leaves_nothing_below_zero()
    {
        var card = _world.Household(members: 4);
        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(10))).Approved();

        _world.Reshape(card.Household, members: 1);
        var declined = (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(1))).Declined(DeclineReason.BeyondEntitlement);

        Assert.Equal(0, declined.Available);
    }
}

public sealed class An_online_draw_on_sqlite(SqliteTestDatabase database) : An_online_draw(database), IClassFixture<SqliteTestDatabase>;

public sealed class An_online_draw_on_postgres(PostgresTestDatabase database) : An_online_draw(database), IClassFixture<PostgresTestDatabase>;
