using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>Cases: balanced and not; numbers; the same again, with other totals, at once; several batches a day; a draw undone between two.</summary>
public abstract class Closing_a_batch(TestDatabase fixture) : LedgerContract(fixture)
{
    private static readonly BatchTotal Bread = new(ProgrammeCode.Bread, 3, 30, 600);
    private static readonly BatchTotal Groceries = new(ProgrammeCode.Groceries, 1, 5_000, 0);

    [Fact]
    public async Task Is_balanced_where_the_ledger_says_the_same()
    {
        var (merchant, terminal) = await ShopAsync();

        var closed = Closed(await CloseAsync(Batch(merchant, terminal, 1, Groceries, Bread), Bread, Groceries));

        Assert.True(closed.Balanced);
        Assert.Equal([Bread, Groceries], closed.HostTotals);
        Assert.True(closed.BatchId > 0);
    }

    [Fact]
    public async Task Is_not_balanced_where_it_does_not_and_closes_all_the_same()
    {
        var (merchant, terminal) = await ShopAsync();

        var closed = Closed(await CloseAsync(Batch(merchant, terminal, 1, Bread), Bread with { Draws = 2, Quantity = 20 }));

        Assert.False(closed.Balanced);
        Assert.Equal([Bread with { Draws = 2, Quantity = 20 }], closed.HostTotals);
        Assert.True(Closed(await CloseAsync(Batch(merchant, terminal, 2), Bread with { Draws = 2, Quantity = 20 })).Balanced);
    }

    [Fact]
    public async Task Of_a_day_without_a_draw_is_balanced()
    {
        var (merchant, terminal) = await ShopAsync();

        Assert.True(Closed(await CloseAsync(Batch(merchant, terminal, 1, new BatchTotal(ProgrammeCode.Bread, 0, 0, 0)))).Balanced);
    }

    [Fact]
    public async Task Counts_only_what_came_since_the_last_one()
    {
        var (merchant, terminal) = await ShopAsync();
        await CloseAsync(Batch(merchant, terminal, 1, Bread), Bread);

        var second = Closed(await CloseAsync(Batch(merchant, terminal, 2, Bread with { Draws = 1, Quantity = 5, CitizenPaidMinor = 100 }), new BatchTotal(ProgrammeCode.Bread, 4, 35, 700)));
        var nextDay = Closed(await CloseAsync(Batch(merchant, terminal, 3, Bread) with { BusinessDate = Today.AddDays(1) }, Bread));

        Assert.True(second.Balanced);
        Assert.Equal([new BatchTotal(ProgrammeCode.Bread, 1, 5, 100)], second.HostTotals);
        Assert.True(nextDay.Balanced);
    }

    [Fact]
    public async Task Is_not_balanced_where_a_draw_of_an_earlier_one_was_undone_since()
    {
        var (merchant, terminal) = await ShopAsync();
        await CloseAsync(Batch(merchant, terminal, 1, Bread), Bread);

        var second = Closed(await CloseAsync(Batch(merchant, terminal, 2), new BatchTotal(ProgrammeCode.Bread, 2, 20, 400)));

        Assert.False(second.Balanced);
        Assert.Empty(second.HostTotals);
    }

    [Fact]
    public async Task Again_is_answered_as_the_first_time()
    {
        var (merchant, terminal) = await ShopAsync();
        var first = Closed(await CloseAsync(Batch(merchant, terminal, 1, Bread, Groceries), Bread, Groceries));
        await CloseAsync(Batch(merchant, terminal, 2), Bread, Groceries);
        Clock.Advance(TimeSpan.FromHours(3));

        var again = Closed(await CloseAsync(Batch(merchant, terminal, 1, Groceries, Bread), new BatchTotal(ProgrammeCode.Bread, 9, 90, 1_800)));

        Assert.Equal((first.BatchId, first.Balanced), (again.BatchId, again.Balanced));
        Assert.Equal(first.HostTotals, again.HostTotals);
    }

    [Fact]
    public async Task Many_times_at_once_is_closed_once()
    {
        var (merchant, terminal) = await ShopAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CloseAsync(Batch(merchant, terminal, 1, Bread), Bread)));

        Assert.Single(outcomes.Select(outcome => Closed(outcome).BatchId).Distinct());
    }

    [Fact]
    public async Task Is_refused_with_other_totals_or_another_date()
    {
        var (merchant, terminal) = await ShopAsync();
        await CloseAsync(Batch(merchant, terminal, 1, Bread), Bread);

        Assert.Equal("batch_closed_otherwise", ReasonOf(await CloseAsync(Batch(merchant, terminal, 1, Bread with { Quantity = 31 }), Bread)));
        Assert.Equal("batch_closed_otherwise", ReasonOf(await CloseAsync(Batch(merchant, terminal, 1), Bread)));
        Assert.Equal("batch_closed_otherwise", ReasonOf(await CloseAsync(Batch(merchant, terminal, 1, Bread) with { BusinessDate = Today.AddDays(-1) }, Bread)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public async Task Has_the_terminals_next_number(int number)
    {
        var (merchant, terminal) = await ShopAsync();

        Assert.Equal("batch_number_not_next", ReasonOf(await CloseAsync(Batch(merchant, terminal, number, Bread), Bread)));
    }

    [Fact]
    public async Task Has_one_total_a_programme_and_none_below_nothing()
    {
        var (merchant, terminal) = await ShopAsync();

        Assert.Equal("programme_twice", ReasonOf(await CloseAsync(Batch(merchant, terminal, 1, Bread, Bread), Bread)));
        Assert.Equal("total_negative", ReasonOf(await CloseAsync(Batch(merchant, terminal, 1, Bread with { Draws = -1 }), Bread)));
        Assert.Equal("terminal_unknown", ReasonOf(await CloseAsync(Batch(merchant, NextTerminal(), 1, Bread), Bread)));
    }

    private BatchClose Batch(MerchantRegistration merchant, TerminalId terminal, int number, params BatchTotal[] totals) =>
        new(terminal, merchant.Merchant, number, Today, totals, Clock.GetUtcNow().AddHours(-8), Clock.GetUtcNow());

    private Task<BatchOutcome> CloseAsync(BatchClose batch, params BatchTotal[] hostTotals) => Ledgers.CloseBatchAsync(batch, hostTotals, CancellationToken.None);

    private static BatchOutcome.Closed Closed(BatchOutcome outcome) => Assert.IsType<BatchOutcome.Closed>(outcome);

    private static string ReasonOf(BatchOutcome outcome)
    {
        var refused = Assert.IsType<BatchOutcome.Refused>(outcome);
        Assert.NotEmpty(refused.NextStep);
        return refused.Reason;
    }
}

public sealed class Closing_a_batch_on_sqlite(SqliteTestDatabase database) : Closing_a_batch(database), IClassFixture<SqliteTestDatabase>;

public sealed class Closing_a_batch_on_postgres(PostgresTestDatabase database) : Closing_a_batch(database), IClassFixture<PostgresTestDatabase>;
