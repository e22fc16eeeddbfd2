using System.Data.Common;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// One request that the database will not take, or that cannot be decided: the others are recorded. A connection that dies, a lock that is not given:
/// read again, decided again, once. A full queue: told to come back, nothing recorded.
/// </summary>
public abstract class A_batch_in_trouble(TestDatabase database) : IAsyncLifetime
{
    private protected LedgerWorld World { get; private set; } = null!;

    private protected Drawing Drawing { get; private set; } = null!;

    private bool IsPostgres => database.Database.Provider == DatabaseProvider.Postgres;

    public async Task InitializeAsync()
    {
        World = await LedgerWorld.OpenAsync(database);
        Drawing = World.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15));
    }

    public async Task DisposeAsync() => await World.DisposeAsync();

    [Fact]
    public async Task Records_all_but_the_request_that_the_database_refuses()
    {
        var cards = Enumerable.Range(0, 100).Select(_ => World.Household(members: 3)).ToArray();
        var poisonous = cards[42];
        var records = cards.Select(card => card.Draw(Drawing)).ToArray();
        await PoisonAsync(records[42]);

        var answers = await Task.WhenAll(records.Select(record => AskAsync(World.Ledger, record)));

        Assert.IsAssignableFrom<DbException>(answers[42].Failure);
        Assert.All(answers.Where((_, index) => index != 42), answer => Assert.IsType<DrawOutcome.Approved>(answer.Decided!.Outcome));
        Assert.Equal(0, (await World.BalanceAsync(poisonous, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Leaves_no_trace_of_a_refused_draw_in_the_next_one_of_its_household()
    {
        // Written one by one, but read together: a household's two draws are given one state, and the second may not go on from what the first left in it.
        await using var oneByOne = World.Start(options => (options.Writers, options.BatchMax) = (1, 1));
        var drawing = World.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5));
        var draws = Enumerable.Range(0, 30).Select(_ => World.Household(members: 3)).Select(card => (Card: card, First: card.Draw(drawing), Second: card.Draw(drawing))).ToArray();
        await PoisonAsync([.. draws.Select(draw => draw.First)]);

        var answers = await Task.WhenAll(draws.Select(async draw =>
        {
            var first = AskAsync(oneByOne.Ledger, draw.First, drawing.Lines);
            return (Second: await AskAsync(oneByOne.Ledger, draw.Second, drawing.Lines), First: await first);
        }));

        Assert.All(answers, answer => Assert.IsAssignableFrom<DbException>(answer.First.Failure));
        Assert.All(answers, answer => Assert.IsType<DrawOutcome.Approved>(answer.Second.Decided?.Outcome));
        foreach (var draw in draws)
            Assert.Equal(5, (await World.BalanceAsync(draw.Card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Records_all_but_the_request_that_cannot_be_decided()
    {
        var cards = Enumerable.Range(0, 20).Select(_ => World.Household(members: 3)).ToArray();
        var (rich, period) = (cards[7], new Backend.Platform.PeriodId(20261200));
        await World.Ledger.CreditAsync(new Guid(1, 0, 0, new byte[8]), rich.Household, Egypt.BreadPoints, period, long.MaxValue, CancellationToken.None);

        var draws = cards.Select(card => AskAsync(World.Ledger, card.Draw(Drawing))).ToArray();
        await Assert.ThrowsAsync<OverflowException>(() => World.Ledger.CreditAsync(new Guid(2, 0, 0, new byte[8]), rich.Household, Egypt.BreadPoints, period, 1, CancellationToken.None));

        Assert.All(await Task.WhenAll(draws), answer => Assert.IsType<DrawOutcome.Approved>(answer.Decided!.Outcome));
        Assert.Equal(15, (await World.BalanceAsync(rich, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Waits_for_a_lock_that_somebody_else_holds()
    {
        var card = World.Household(members: 3);
        (await World.TapAsync(card, LedgerWorld.Bakery, Drawing)).Approved();

        Task<(Authorisation.Decided? Decided, Exception? Failure)> draw;
        await using (var write = await World.Database.BeginWriteAsync(CancellationToken.None))
        {
            await using var command = write.Connection.CreateCommand();
            command.Transaction = write.Transaction;
            command.CommandText = $"UPDATE {World.Database.Table("disbursements", "households")} SET version = version + 1 WHERE household = {card.Household.Value}";
            await command.ExecuteNonQueryAsync();
            draw = AskAsync(World.Ledger, card.Draw(World.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10))), [Tapping.Loaves(10)]);
            await write.CommitAsync(CancellationToken.None);
        }

        // Whichever came first, the version that was read is history or not: the draw is decided on what holds, and once.
        Assert.IsType<DrawOutcome.Approved>((await draw).Decided!.Outcome);
        Assert.Equal(25, (await World.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Fails_in_the_end_where_the_database_stays_away_and_says_so()
    {
        var card = World.Household(members: 3);
        await using var broken = World.Start(options => options.AttemptsMax = 3);
        await World.ExecuteAsync($"ALTER TABLE {World.Database.Table("disbursements", "households")} RENAME TO {(IsPostgres ? "away" : "disbursements_away")}");
        var signed = card.Draw(Drawing);

        var failed = await AskAsync(broken.Ledger, signed);
        await World.ExecuteAsync($"ALTER TABLE {World.Database.Table("disbursements", "away")} RENAME TO {(IsPostgres ? "households" : "disbursements_households")}");

        Assert.IsType<LedgerUnavailableException>(failed.Failure);
        Assert.IsType<DrawOutcome.Approved>((await AskAsync(broken.Ledger, signed)).Decided!.Outcome);
    }

    [Fact]
    public async Task Turns_draws_away_early_when_too_many_are_on_their_way()
    {
        await using var small = World.Start(options => (options.InFlightMax, options.RetryAfterMs) = (2, 123));
        var cards = Enumerable.Range(0, 50).Select(_ => World.Household(members: 3)).ToArray();
        var records = cards.Select(card => card.Draw(Drawing)).ToArray();

        var answers = await Task.WhenAll(records.Select(record => small.Ledger.AuthoriseAsync(new DrawRequest(LedgerWorld.Bakery, record, Drawing.Lines), CancellationToken.None)));

        var busy = answers.OfType<Authorisation.Busy>().ToArray();
        Assert.NotEmpty(busy);
        Assert.All(busy, answer => Assert.Equal(123, answer.RetryAfterMs));
        var recorded = 0L;
        foreach (var card in cards)
            recorded += (await World.BalanceAsync(card, Egypt.Bread)).Consumed;
        Assert.Equal(15 * answers.OfType<Authorisation.Decided>().Count(), recorded);
    }

    private protected async Task<(Authorisation.Decided? Decided, Exception? Failure)> AskAsync(IDisbursements ledger, SignedRecord signed, IReadOnlyList<BasketLine>? lines = null)
    {
        try
        {
            return ((Authorisation.Decided)await ledger.AuthoriseAsync(new DrawRequest(LedgerWorld.Bakery, signed, lines ?? Drawing.Lines), CancellationToken.None), null);
        }
        catch (Exception failure) when (failure is DbException or LedgerUnavailableException or OverflowException)
        {
            return (null, failure);
        }
    }

    private Task PoisonAsync(params SignedRecord[] refused)
    {
        var (table, poison) = (World.Database.Table("disbursements", "disbursements"), $"poison_{refused[0].Record.Card.Value}");
        return World.ExecuteAsync(IsPostgres
            ? $"ALTER TABLE {table} ADD CONSTRAINT {poison} CHECK (NOT ({Among(refused, "")}))"
            : $"CREATE TRIGGER {poison} BEFORE INSERT ON {table} WHEN {Among(refused, "NEW.")} BEGIN SELECT RAISE(ABORT, 'poison'); END");

        static string Among(SignedRecord[] refused, string of) =>
            string.Join(" OR ", refused.Select(signed => $"({of}card = {signed.Record.Card.Value} AND {of}atc = {signed.Record.Atc.Value})"));
    }
}

public sealed class A_batch_in_trouble_on_sqlite(SqliteTestDatabase database) : A_batch_in_trouble(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_batch_in_trouble_on_postgres(PostgresTestDatabase database) : A_batch_in_trouble(database), IClassFixture<PostgresTestDatabase>
{
    [Fact]
    public async Task Is_decided_once_more_after_its_connections_were_cut()
    {
        var cards = Enumerable.Range(0, 200).Select(_ => World.Household(members: 3)).ToArray();
        (await World.TapAsync(cards[0], LedgerWorld.Bakery, Drawing)).Approved();

        var draws = cards.Select(card => AskAsync(World.Ledger, card.Draw(Drawing))).ToArray();
        await World.CutConnectionsAsync();
        var answers = await Task.WhenAll(draws);

        Assert.All(answers, answer => Assert.IsType<DrawOutcome.Approved>(answer.Decided!.Outcome));
        foreach (var card in cards.Skip(1))
            Assert.Equal(15, (await World.BalanceAsync(card, Egypt.Bread)).Consumed);
    }
}
