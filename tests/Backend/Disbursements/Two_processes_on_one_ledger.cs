using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>Two backends, one database: nothing is drawn twice, nothing is lost, whoever serves whom.</summary>
public abstract class Two_processes_on_one_ledger(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private IDisbursements[] _ledgers = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _ledgers = [_world.Ledger, _world.Start().Ledger];
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Never_let_two_hundred_draws_of_one_household_exceed_its_quota()
    {
        var first = _world.Household(members: 4);
        // A household may hold several cards while one is replaced: their draws meet in its balances alone.
        var cards = Enumerable.Range(0, 200).Select(_ => _world.CardOf(first.Household)).ToArray();
        var drawing = _world.Drawing(LedgerWorld.Grocer, Tapping.OfRice(1));

        var answers = await Task.WhenAll(cards.Select((card, index) => AskAsync(_ledgers[index % 2], card.Draw(drawing), drawing)));

        var balance = await _world.BalanceAsync(first, Egypt.Groceries);
        var approved = answers.Count(answer => answer is Authorisation.Decided { Outcome: DrawOutcome.Approved });
        Assert.Equal(approved * 1260, balance.Consumed);
        Assert.True(balance.Consumed + balance.Lent <= balance.Limit && balance.Limit - balance.Consumed - balance.Lent < 1260);
        Assert.All(answers, answer => Assert.True(answer is Authorisation.Busy or Authorisation.Decided { Outcome: DrawOutcome.Approved or DrawOutcome.Declined { Reason: DeclineReason.BeyondEntitlement } }));
        Assert.Equal(answers.Count(answer => answer is Authorisation.Decided), await _world.CountAsync("disbursements", $"household = {first.Household.Value}"));
    }

    [Fact]
    public async Task Give_one_record_one_outcome()
    {
        var cards = Enumerable.Range(0, 50).Select(_ => _world.Household(members: 3)).ToArray();
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15));
        var records = cards.Select(card => card.Draw(drawing)).ToArray();

        var answers = await Task.WhenAll(records.SelectMany(record => Enumerable.Range(0, 6).Select(async index =>
            (record.Record.Card, Answer: (Authorisation.Decided)await AskAsync(_ledgers[index % 2], record, drawing)))));

        Assert.All(answers.GroupBy(answer => answer.Card), own =>
            Assert.Single(own.Select(answer => Convert.ToHexString(answer.Answer.OutcomeBytes.Span)).Distinct()));
        foreach (var card in cards)
            Assert.Equal(15, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Serve_a_crowd_of_households_completely()
    {
        var cards = Enumerable.Range(0, 300).Select(_ => _world.Household(members: 3)).ToArray();
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5));

        // Every card taps three times, in order, at either process; the households mix in the batches.
        await Task.WhenAll(cards.Select(async (card, index) =>
        {
            for (var tap = 0; tap < 3; tap++)
                Assert.IsType<DrawOutcome.Approved>(((Authorisation.Decided)await AskAsync(_ledgers[(index + tap) % 2], card.Draw(drawing), drawing)).Outcome);
        }));

        foreach (var card in cards)
            Assert.Equal(15, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Undo_and_draw_one_record_either_way_but_not_both()
    {
        var cards = Enumerable.Range(0, 50).Select(_ => _world.Household(members: 3)).ToArray();
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15));

        await Task.WhenAll(cards.Select(async card =>
        {
            var record = card.Draw(drawing);
            var drawn = AskAsync(_ledgers[0], record, drawing);
            var undone = _ledgers[1].ReverseAsync(new ReversalRequest(LedgerWorld.Bakery, record, ReversalReason.NoAnswer), CancellationToken.None);
            await Task.WhenAll(drawn, undone);
        }));

        foreach (var card in cards)
            Assert.Equal(0, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    private static Task<Authorisation> AskAsync(IDisbursements ledger, SmartCard.Protocol.Transactions.SignedRecord signed, Drawing drawing)
    {
        var terminal = drawing.Terminal == LedgerWorld.Grocer.Terminal ? LedgerWorld.Grocer : LedgerWorld.Bakery;
        return ledger.AuthoriseAsync(new DrawRequest(terminal, signed, drawing.Lines), CancellationToken.None);
    }
}

public sealed class Two_processes_on_one_ledger_on_sqlite(SqliteTestDatabase database) : Two_processes_on_one_ledger(database), IClassFixture<SqliteTestDatabase>;

public sealed class Two_processes_on_one_ledger_on_postgres(PostgresTestDatabase database) : Two_processes_on_one_ledger(database), IClassFixture<PostgresTestDatabase>;
