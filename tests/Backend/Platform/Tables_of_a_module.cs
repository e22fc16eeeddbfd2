using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Platform;

public abstract class Tables_of_a_module(TestDatabase fixture) : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 8, 30, 15, 123, TimeSpan.Zero);

    public Task InitializeAsync() => fixture.MigrateAsync(database => new SampleDbContext(database));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Give_back_every_typed_value_as_it_was_put_in()
    {
        var row = Row(payload: 1);

        await SaveAsync(row);

        await using var context = new SampleDbContext(fixture.Database);
        var read = await context.Rows.SingleAsync(r => r.Card == row.Card);
        Assert.Equivalent(row, read, strict: true);
        Assert.True(read.RowId > 0);
    }

    [Fact]
    public async Task Refuse_what_a_check_forbids()
    {
        var row = Row(payload: 2);
        row.AmountMinor = -1;

        await Assert.ThrowsAsync<DbUpdateException>(() => SaveAsync(row));
    }

    [Fact]
    public async Task Refuse_a_reference_to_nothing()
    {
        await using var context = new SampleDbContext(fixture.Database);
        context.Add(new SamplePart { RowId = 999_999, Number = 1, Name = "none" });

        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync());
    }

    [Fact]
    public async Task Take_writers_of_both_kinds_at_once()
    {
        var writers = Enumerable.Range(100, 40).Select(number => number % 2 == 0 ? SaveAsync(Row((ulong)number)) : InsertByHandAsync((ulong)number));

        await Task.WhenAll(writers);

        await using var context = new SampleDbContext(fixture.Database);
        Assert.Equal(40, await context.Rows.CountAsync(r => r.Bucket == 7 && r.AmountMinor == 100));
    }

    [Fact]
    public async Task Forget_a_transaction_that_was_not_committed_and_pass_the_turn_on()
    {
        var row = Row(payload: 3);
        await SaveAsync(row);
        await using (var write = await fixture.Database.BeginWriteAsync(CancellationToken.None))
        {
            await using var command = write.Connection.CreateCommand();
            command.Transaction = write.Transaction;
            command.CommandText = $"UPDATE {fixture.Database.Table("sample", "rows")} SET amount_minor = 1 WHERE card = @card";
            Add(command, "card", (long)row.Card.Value);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await SaveAsync(Row(payload: 4));
        await using var context = new SampleDbContext(fixture.Database);
        Assert.Equal(row.AmountMinor, await context.Rows.Where(r => r.Card == row.Card).Select(r => r.AmountMinor).SingleAsync());
    }

    private static SampleRow Row(ulong payload) => new()
    {
        Household = new HouseholdId(long.MaxValue),
        Merchant = new MerchantId(2),
        Outlet = new OutletId(3),
        Quota = new QuotaCode(ushort.MaxValue),
        Period = PeriodId.MonthOf(new DateOnly(2026, 11, 22)),
        Card = CardNumber.FromPayload(999_999_999_000_000 + payload),
        Atc = new Atc(Atc.Last),
        Terminal = TerminalId.Parse("T0000042"),
        TransactionKey = new TransactionId(UInt128.MaxValue),
        Programme = new ProgrammeCode(ushort.MaxValue),
        Commodity = new CommodityCode(40_000),
        At = At,
        Day = new DateOnly(2026, 10, 29),
        OrderId = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        AmountMinor = payload >= 100 ? 100 : 5,
        Bucket = 7,
        Offline = true,
        Content = payload == 3 ? null : [1, 2, 3],
    };

    private async Task SaveAsync(SampleRow row)
    {
        await using var context = new SampleDbContext(fixture.Database);
        context.Add(row);
        await context.SaveChangesAsync();
    }

    private async Task InsertByHandAsync(ulong payload)
    {
        await using var write = await fixture.Database.BeginWriteAsync(CancellationToken.None);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            INSERT INTO {fixture.Database.Table("sample", "rows")}
              (household, merchant, outlet, quota, period, card, atc, terminal, transaction_key, programme, commodity, at, day, order_id, amount_minor, bucket, offline)
            VALUES (1, 2, 3, 4, 20261100, @card, 6, 'T0000042', @key, 1, 1, 0, @day, @order, 100, 7, @offline)
            """;
        Add(command, "card", (long)CardNumber.FromPayload(payload).Value);
        Add(command, "key", new TransactionId(payload).ToBytes());
        Add(command, "day", new DateOnly(2026, 11, 22));
        Add(command, "order", new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"));
        Add(command, "offline", false);
        await command.ExecuteNonQueryAsync();
        await write.CommitAsync(CancellationToken.None);
    }

    private static void Add(System.Data.Common.DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}

public sealed class Tables_of_a_module_on_sqlite(SqliteTestDatabase database) : Tables_of_a_module(database), IClassFixture<SqliteTestDatabase>;

public sealed class Tables_of_a_module_on_postgres(PostgresTestDatabase database) : Tables_of_a_module(database), IClassFixture<PostgresTestDatabase>;
