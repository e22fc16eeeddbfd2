using System.Data.Common;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

// What: every loaf that was neither drawn nor lent is worth ten piastres of points in the next period, also to those that never drew; nobody else.
// When: not before the last draw of the period can have come; into the month in which points can still be spent; what comes back later, into the month after.
// However often, stopped anywhere, by two at once, among draws: once.
public abstract class A_period_that_ended(TestDatabase database) : IAsyncLifetime
{
    private const long PiastresPerLoaf = 10;
    private static readonly PeriodId November = new(20261100);
    private static readonly PeriodId December = new(20261200);
    private static readonly PeriodId January = new(20270100);

    private LedgerWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        await _world.ExecuteAsync($"DELETE FROM {_world.Database.Table("disbursements", "rollovers")}");
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Turns_each_loaf_that_was_not_drawn_into_ten_piastres_of_points()
    {
        var card = _world.Household(members: 3);
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        _world.GoTo(new DateOnly(2026, 12, 1));

        Assert.Equal(1, await _world.RollOverAsync());

        // Of 450, 15 were drawn and 15 are lent to the card, which may have spent them.
        Assert.Equal(420 * PiastresPerLoaf, await PointsAsync(card, December));
        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRiceForPoints(3))).Approved();
    }

    [Fact]
    public async Task Leaves_nothing_to_draw_of_what_was_turned_into_points()
    {
        var card = _world.Household(members: 3);
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        _world.GoTo(new DateOnly(2026, 12, 1));
        await _world.RollOverAsync();

        var where = $"household = {card.Household.Value} AND quota = {Egypt.Bread.Value} AND period = {November.Value}";
        Assert.Equal(450, await _world.SumAsync("balances", "consumed + lent", where));
        Assert.Equal(450, await _world.SumAsync("balances", "quota_limit", where));
    }

    [Fact]
    public async Task Gives_a_household_that_never_drew_the_whole_of_its_quota()
    {
        var card = _world.Household(members: 4);
        _world.GoTo(new DateOnly(2026, 12, 2));

        await _world.RollOverAsync();

        Assert.Equal(600 * PiastresPerLoaf, await PointsAsync(card, December));
    }

    [Fact]
    public async Task Gives_nothing_to_who_is_not_admitted_or_has_nobody_left_or_drew_all()
    {
        var groceriesAlone = _world.Household(3, ProgrammeCode.Groceries.Value);
        var empty = _world.Household(members: 3);
        _world.Reshape(empty.Household, members: 0);
        var shrunk = _world.Household(members: 4);
        (await _world.TapAsync(shrunk, LedgerWorld.Bakery, Tapping.Loaves(40))).Approved();
        _world.Reshape(shrunk.Household, members: 0);
        _world.GoTo(new DateOnly(2026, 12, 1));

        Assert.Equal(0, await _world.RollOverAsync());
    }

    [Fact]
    public async Task Is_not_over_while_a_draw_of_its_last_evening_may_still_be_on_its_way()
    {
        _world.Household(members: 3);
        var midnight = new DateTimeOffset(2026, 11, 30, 22, 0, 0, TimeSpan.Zero); // in Cairo

        _world.Clock.Advance(midnight.AddMinutes(19) - _world.Clock.GetUtcNow());
        Assert.Equal(0, await _world.RollOverAsync());
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await _world.RollOverAsync());
    }

    [Fact]
    public async Task Gives_points_into_the_next_month_where_this_ones_days_for_them_are_over()
    {
        var card = _world.Household(members: 3);
        _world.GoTo(new DateOnly(2026, 12, 8));

        await _world.RollOverAsync();

        Assert.Equal((0, 4500), (await PointsAsync(card, December), await PointsAsync(card, January)));
    }

    [Fact]
    public async Task Gives_what_came_back_later_a_month_later()
    {
        var card = _world.Household(members: 3);
        var signed = card.Draw(_world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15)));
        (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, [Tapping.Loaves(15)])).Approved();
        _world.GoTo(new DateOnly(2026, 12, 1));
        await _world.RollOverAsync();
        Assert.Equal(ReversalResult.Undone, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        _world.GoTo(new DateOnly(2026, 12, 8));
        await _world.ExpireAllowancesAsync();
        await _world.RollOverAsync();

        // 15 that were lent and never spent, 15 of the draw that was undone.
        Assert.Equal((4200, 300), (await PointsAsync(card, December), await PointsAsync(card, January)));
    }

    [Fact]
    public async Task Doubles_nothing_however_often_it_is_asked_for()
    {
        var card = _world.Household(members: 3);
        _world.GoTo(new DateOnly(2026, 12, 1));

        Assert.Equal(1, await _world.RollOverAsync());
        Assert.Equal(0, await _world.RollOverAsync());
        await _world.ExecuteAsync($"DELETE FROM {_world.Database.Table("disbursements", "rollovers")}"); // as if its progress had been lost
        Assert.Equal(0, await _world.RollOverAsync());

        Assert.Equal(4500, await PointsAsync(card, December));
    }

    [Fact]
    public async Task Is_finished_after_it_was_stopped_between_two_pages()
    {
        var cards = Enumerable.Range(0, 2_500).Select(_ => _world.Household(members: 1)).ToArray();
        _world.GoTo(new DateOnly(2026, 12, 1));
        var pages = 0;
        _world.BeforeListing = _ => ++pages == 5 ? throw new OperationCanceledException() : Task.CompletedTask; // two months before have nothing and take none
        await Assert.ThrowsAsync<OperationCanceledException>(_world.RollOverAsync);
        _world.BeforeListing = null;
        var before = await CreditsAsync();

        await _world.RollOverAsync();

        Assert.InRange(before, 0, cards.Length - 1);
        await EachHasAsync(cards, 1_500);
    }

    [Fact]
    public async Task Is_finished_after_the_database_went_away_between_a_page_and_its_note()
    {
        var cards = Enumerable.Range(0, 1_200).Select(_ => _world.Household(members: 1)).ToArray();
        _world.GoTo(new DateOnly(2026, 12, 1));
        await _world.PoisonAsync("rollovers", $"period = {November.Value}");
        await Assert.ThrowsAnyAsync<DbException>(_world.RollOverAsync);
        Assert.Equal(1_000, await CreditsAsync());
        await _world.HealAsync("rollovers");

        await _world.RollOverAsync();

        await EachHasAsync(cards, 1_500);
    }

    [Fact]
    public async Task Is_turned_over_once_by_two_processes_at_the_same_time_and_among_draws()
    {
        var cards = Enumerable.Range(0, 600).Select(_ => _world.Household(members: 1)).ToArray();
        await using var second = _world.Start();
        _world.GoTo(new DateOnly(2026, 12, 1));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5));

        var draws = Task.WhenAll(cards.Take(300).Select(card => _world.TapAsync(card, LedgerWorld.Bakery, drawing)));
        var credited = await Task.WhenAll(_world.RollOverAsync(), second.Rollovers.RollOverAsync(CancellationToken.None));

        Assert.All(await draws, answer => answer.Approved());
        Assert.Equal(cards.Length, credited.Sum());
        await EachHasAsync(cards, 1_500);
    }

    [Fact]
    public async Task Leaves_out_a_household_that_the_database_refuses_until_it_is_mended()
    {
        var cards = Enumerable.Range(0, 50).Select(_ => _world.Household(members: 1)).ToArray();
        _world.GoTo(new DateOnly(2026, 12, 1));
        await _world.PoisonAsync("credits", $"household = {cards[17].Household.Value}");

        Assert.Equal(49, await _world.RollOverAsync());
        await _world.HealAsync("credits");
        Assert.Equal(1, await _world.RollOverAsync());

        await EachHasAsync(cards, 1_500);
    }

    private Task<long> PointsAsync(TestCard card, PeriodId period) => _world.SumAsync(
        "balances", "credited", $"household = {card.Household.Value} AND quota = {Egypt.BreadPoints.Value} AND period = {period.Value}");

    private Task<long> CreditsAsync() => _world.CountAsync("credits", $"period = {December.Value} AND household >= {_world.FirstHousehold.Value}");

    private async Task EachHasAsync(TestCard[] cards, long points)
    {
        var where = $"quota = {Egypt.BreadPoints.Value} AND period = {December.Value} AND household >= {_world.FirstHousehold.Value}";
        Assert.Equal(cards.Length, await _world.CountAsync("balances", $"{where} AND credited = {points}"));
        Assert.Equal(cards.Length, await CreditsAsync());
    }
}

public sealed class A_period_that_ended_on_sqlite(SqliteTestDatabase database) : A_period_that_ended(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_period_that_ended_on_postgres(PostgresTestDatabase database) : A_period_that_ended(database), IClassFixture<PostgresTestDatabase>;
