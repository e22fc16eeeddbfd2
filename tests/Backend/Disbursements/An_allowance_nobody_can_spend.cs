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
        GoTo(new DateOnly(2026, 12, 7));

        await _world.ReturnAllowancesAsync();
        Assert.Equal((15, 15), await NovemberAsync());
    }

    [Fact]
    public async Task Goes_back_to_the_household_afterwards_and_once()
    {
        GoTo(new DateOnly(2026, 12, 8));

        // Bread and groceries were lent, to this card and to those of tests before.
        Assert.InRange(await _world.ReturnAllowancesAsync(), 2, 100);
        Assert.Equal(0, await _world.ReturnAllowancesAsync());
        Assert.Equal((15, 0), await NovemberAsync());
    }

    [Fact]
    public async Task Gives_back_only_what_was_not_presented()
    {
        (await _world.TapOfflineAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        GoTo(new DateOnly(2026, 12, 8));

        await _world.ReturnAllowancesAsync();

        Assert.Equal((25, 0), await NovemberAsync());
    }

    private void GoTo(DateOnly date) => _world.Clock.Advance(new DateTimeOffset(date.ToDateTime(new TimeOnly(8, 0)), TimeSpan.Zero) - _world.Clock.GetUtcNow());

    private async Task<(long Consumed, long Lent)> NovemberAsync()
    {
        var where = $"household = {_card.Household.Value} AND quota = {Egypt.Bread.Value} AND period = {new PeriodId(20261100).Value}";
        return (await _world.SumAsync("balances", "consumed", where), await _world.SumAsync("balances", "lent", where));
    }
}

public sealed class An_allowance_nobody_can_spend_on_sqlite(SqliteTestDatabase database) : An_allowance_nobody_can_spend(database), IClassFixture<SqliteTestDatabase>;

public sealed class An_allowance_nobody_can_spend_on_postgres(PostgresTestDatabase database) : An_allowance_nobody_can_spend(database), IClassFixture<PostgresTestDatabase>;
