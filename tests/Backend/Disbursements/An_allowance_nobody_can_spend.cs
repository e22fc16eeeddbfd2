using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>Given back to the household when its period and the time for presenting its records are over; not a day before; once.</summary>
public abstract class An_allowance_nobody_can_spend(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _card = _world.Household(members: 3);
        await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(15));
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Stays_reserved_while_a_record_of_its_period_may_still_come()
    {
        _world.GoTo(new DateOnly(2026, 12, 7));

        await _world.ExpireAllowancesAsync();
        Assert.Equal((15, 15), await NovemberAsync());
    }

    [Fact]
    public async Task Goes_back_to_the_household_afterwards_and_once()
    {
        _world.GoTo(new DateOnly(2026, 12, 8));

        // Bread and groceries were lent, to this card and to those of tests before.
        Assert.InRange(await _world.ExpireAllowancesAsync(), 1, 100);
        Assert.Equal(0, await _world.ExpireAllowancesAsync());
        Assert.Equal((15, 0), await NovemberAsync());
        Assert.Equal(2, await _world.CountAsync("expiries", $"household = {_card.Household.Value}"));
    }

    [Fact]
    public async Task Goes_back_without_being_asked_on_the_day_on_which_it_falls_due()
    {
        _world.GoTo(new DateOnly(2026, 12, 7));
        await using var backend = _world.Start();
        var running = backend.PeriodEnds.StartAsync(CancellationToken.None);
        await _world.Clock.WhenSomebodyWaitsFor(TimeSpan.FromMinutes(1));
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await _world.Clock.WhenSomebodyWaitsFor(TimeSpan.FromHours(1));

        // Looked at on the day before, in vain, and hour by hour from then on.
        Assert.Equal(15, (await NovemberAsync()).Lent);
        for (var look = 0; look < 100 && (await NovemberAsync()).Lent > 0; look++)
        {
            if (look < 24)
                _world.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }

        Assert.Equal(0, (await NovemberAsync()).Lent);
        Assert.True(_world.Clock.GetUtcNow() >= new DateTimeOffset(2026, 12, 7, 22, 0, 0, TimeSpan.Zero)); // midnight in Cairo
        await backend.PeriodEnds.StopAsync(CancellationToken.None);
        await running;
    }

    [Fact]
    public async Task Gives_back_only_what_was_not_presented()
    {
        (await _world.TapOfflineAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        _world.GoTo(new DateOnly(2026, 12, 8));

        await _world.ExpireAllowancesAsync();

        Assert.Equal((25, 0), await NovemberAsync());
    }

    [Fact]
    public async Task Goes_back_also_where_nobody_looked_for_a_year()
    {
        _world.GoTo(new DateOnly(2027, 12, 8));

        await _world.ExpireAllowancesAsync();

        Assert.Equal((15, 0), await NovemberAsync());
    }

    [Fact]
    public async Task Goes_back_once_where_two_processes_look_at_the_same_time()
    {
        var others = Enumerable.Range(0, 300).Select(_ => _world.Household(members: 3)).ToArray();
        foreach (var card in others)
            await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        await using var second = _world.Start();
        _world.GoTo(new DateOnly(2026, 12, 8));

        await Task.WhenAll(_world.ExpireAllowancesAsync(), second.Expiries.ExpireAsync(CancellationToken.None));

        foreach (var card in others)
            Assert.Equal(2, await _world.CountAsync("expiries", $"household = {card.Household.Value}"));
        Assert.Equal(0, await _world.CountAsync("allowances", $"settled < granted AND period = {new PeriodId(20261100).Value}"));
    }

    [Fact]
    public async Task Stays_where_the_database_refuses_one_and_the_others_go_back()
    {
        var poisonous = _world.Household(members: 3);
        await _world.TapAsync(poisonous, LedgerWorld.Bakery, Tapping.Loaves(15));
        await _world.PoisonAsync("expiries", $"household = {poisonous.Household.Value}");
        _world.GoTo(new DateOnly(2026, 12, 8));

        await _world.ExpireAllowancesAsync();

        Assert.Equal((15, 0), await NovemberAsync());
        Assert.Equal(0, await _world.CountAsync("expiries", $"household = {poisonous.Household.Value}"));
        await _world.HealAsync("expiries");
        await _world.ExpireAllowancesAsync();
        Assert.Equal(2, await _world.CountAsync("expiries", $"household = {poisonous.Household.Value}"));
    }

    private async Task<(long Consumed, long Lent)> NovemberAsync()
    {
        var where = $"household = {_card.Household.Value} AND quota = {Egypt.Bread.Value} AND period = {new PeriodId(20261100).Value}";
        return (await _world.SumAsync("balances", "consumed", where), await _world.SumAsync("balances", "lent", where));
    }
}

public sealed class An_allowance_nobody_can_spend_on_sqlite(SqliteTestDatabase database) : An_allowance_nobody_can_spend(database), IClassFixture<SqliteTestDatabase>;

public sealed class An_allowance_nobody_can_spend_on_postgres(PostgresTestDatabase database) : An_allowance_nobody_can_spend(database), IClassFixture<PostgresTestDatabase>;
