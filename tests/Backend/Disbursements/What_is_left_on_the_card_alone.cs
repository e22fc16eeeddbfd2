using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// A month's last loaves: 145 of a person's 150 are drawn, and 5 lie lent on the card. An inquiry says what of them may be drawn from the card with a line; the card gives them
/// once, and the ledger counts them once.
/// </summary>
public abstract class What_is_left_on_the_card_alone(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _card = _world.Household(members: 1);
        // Three days' bread every three days, as the draw window goes, and ten loaves of the last fifteen.
        for (var day = 1; day <= 25; day += 3)
        {
            _world.GoTo(new DateOnly(2026, 12, day));
            (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        }

        _world.GoTo(new DateOnly(2026, 12, 28));
        (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        _world.GoTo(new DateOnly(2026, 12, 29));
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Cannot_be_drawn_online_and_may_be_drawn_from_the_card()
    {
        var balance = await BreadAsync(LedgerWorld.Bakery);

        Assert.Equal((150L, 145L, 5L, 0L, 5L), (balance.Limit, balance.Consumed, balance.Lent, balance.AvailableNow, balance.FromAllowanceNow));
        (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(5))).Declined(DeclineReason.BeyondEntitlement);
        (await _world.TapOfflineAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
    }

    [Fact]
    public async Task Is_there_once()
    {
        (await _world.TapOfflineAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();

        var balance = await BreadAsync(LedgerWorld.Bakery);

        Assert.Equal((150L, 0L, 0L, 0L), (balance.Consumed, balance.Lent, balance.AvailableNow, balance.FromAllowanceNow));
        (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.BeyondEntitlement);
        (await _world.TapOfflineAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.BeyondAllowance);
    }

    [Fact]
    public async Task Has_to_wait_for_the_draw_window_like_every_draw_with_a_line()
    {
        // Three days' bread at once, and no more on that day.
        var other = _world.Household(members: 1);
        (await _world.TapAsync(other, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();

        var balance = await BreadAsync(LedgerWorld.Bakery, other);

        Assert.Equal((5L, 0L), (balance.Lent, balance.FromAllowanceNow));
    }

    [Fact]
    public async Task Is_not_offered_to_a_merchant_that_is_suspended() =>
        Assert.Equal(0, (await BreadAsync(LedgerWorld.Bakery with { MerchantSuspended = true })).FromAllowanceNow);

    [Fact]
    public async Task Is_not_offered_for_a_card_that_was_blocked()
    {
        _world.Block(_card, _world.Clock.GetUtcNow());

        Assert.Equal(0, (await BreadAsync(LedgerWorld.Bakery)).FromAllowanceNow);
    }

    [Fact]
    public async Task Is_not_offered_to_a_household_that_is_no_longer_entitled()
    {
        _world.Forget(_card.Household);

        Assert.Equal(0, (await BreadAsync(LedgerWorld.Bakery)).FromAllowanceNow);
    }

    [Fact]
    public async Task Is_never_offered_of_a_programme_with_caps_which_a_card_does_not_count()
    {
        (await _world.TapAsync(_card, LedgerWorld.Cooperative, Tapping.OfRice(1))).Approved();

        var groceries = await _world.BalanceAsync(_card, Egypt.Groceries);

        Assert.True(groceries.Lent > 0);
        Assert.Equal(0, groceries.FromAllowanceNow);
    }

    private async Task<QuotaBalance> BreadAsync(TerminalStanding terminal, TestCard? card = null)
    {
        var inquiry = Assert.IsType<Inquiry.Known>(await _world.Ledger.InquireAsync((card ?? _card).Number, terminal, CancellationToken.None));
        return inquiry.Balances.Single(balance => balance.Quota == Egypt.Bread);
    }
}

public sealed class What_is_left_on_the_card_alone_on_sqlite(SqliteTestDatabase database) : What_is_left_on_the_card_alone(database), IClassFixture<SqliteTestDatabase>;

public sealed class What_is_left_on_the_card_alone_on_postgres(PostgresTestDatabase database) : What_is_left_on_the_card_alone(database), IClassFixture<PostgresTestDatabase>;
