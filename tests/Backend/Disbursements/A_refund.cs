using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

// Whole, in part, by programme, of caps, of an offline draw; on a later date than the draw. Once an id.
// Refused: more than was drawn, more than is left, other articles or prices, another merchant's, another record, none, declined, buried, reversed.
// A draw that was refunded is reversed no more. Two processes, fifty at once: never more than was drawn.
public abstract class A_refund(TestDatabase database) : IAsyncLifetime
{
    private static int s_ids;

    private LedgerWorld _world = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _card = _world.Household(members: 3);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Gives_loaves_back_to_the_household_and_takes_the_subsidy_off_the_merchant()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));

        var refund = Recorded(await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(5)));

        Assert.Equal((LedgerWorld.Today, 5 * 164, 5 * 20), (refund.RefundedOn, refund.SubsidyMinor, refund.CitizenGetsMinor));
        var bread = await _world.BalanceAsync(_card, Egypt.Bread);
        Assert.Equal(10, bread.Consumed);
        // The window of the day has room for them again: 45 a day for three persons, 10 of them taken.
        Assert.Equal(35, bread.AvailableNow);
    }

    [Fact]
    public async Task Gives_the_whole_of_a_basket_of_two_programmes_back_with_its_caps()
    {
        BasketLine[] lines = [Tapping.Loaves(10), Tapping.OfOil(2), Tapping.OfRice(1)];
        var signed = await DrawAsync(LedgerWorld.Cooperative, lines);

        var refund = Recorded(await RefundAsync(LedgerWorld.Cooperative, signed, NextId(), lines));

        Assert.Equal((10 * 164) + 7260, refund.SubsidyMinor);
        foreach (var quota in new[] { Egypt.Bread, Egypt.Groceries, Egypt.OilCap })
            Assert.Equal(0, (await _world.BalanceAsync(_card, quota)).Consumed);
    }

    [Fact]
    public async Task Gives_one_article_of_several_back()
    {
        var signed = await DrawAsync(LedgerWorld.Grocer, Tapping.OfOil(3), Tapping.OfRice(2));

        Recorded(await RefundAsync(LedgerWorld.Grocer, signed, NextId(), Tapping.OfOil(2)));

        Assert.Equal(3000 + (2 * 1260), (await _world.BalanceAsync(_card, Egypt.Groceries)).Consumed);
        Assert.Equal(1, (await _world.BalanceAsync(_card, Egypt.OilCap)).Consumed);
    }

    [Fact]
    public async Task Stands_on_its_own_date_and_leaves_the_draws_date_as_it_was_settled()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        var before = await LinesAsync(LedgerWorld.Today);
        var tomorrow = LedgerWorld.Today.AddDays(1);
        _world.GoTo(tomorrow);

        Recorded(await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(5)));

        Assert.Equal(before, await LinesAsync(LedgerWorld.Today));
        Assert.DoesNotContain(await RefundsAsync(LedgerWorld.Today), line => line.Transaction == signed.Record.TransactionId);
        var line = Assert.Single(await RefundsAsync(tomorrow), line => line.Transaction == signed.Record.TransactionId);
        Assert.Equal(
            new RefundedLine(signed.Record.TransactionId, ProgrammeCode.Bread, LedgerWorld.Bakery.Merchant, LedgerWorld.Bakery.Terminal, 5, 100, 820, LedgerWorld.Today, tomorrow),
            line);
    }

    [Fact]
    public async Task Is_the_same_refund_when_its_id_comes_again_and_refused_for_other_goods()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        var id = NextId();
        var first = Recorded(await RefundAsync(LedgerWorld.Bakery, signed, id, Tapping.Loaves(5)));
        _world.GoTo(LedgerWorld.Today.AddDays(1));

        Assert.Equal(first, Recorded(await RefundAsync(LedgerWorld.Bakery, signed, id, Tapping.Loaves(5))));
        Refused(RefundRefusal.IdUsed, await RefundAsync(LedgerWorld.Bakery, signed, id, Tapping.Loaves(6)));
        Assert.Equal(10, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Is_refused_for_more_than_was_drawn_or_is_left_or_for_what_was_not()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));

        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(16)));
        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(8), Tapping.Loaves(8)));
        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.OfOil(1)));
        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(1) with { UnitPriceMinor = 21 }));
        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(uint.MaxValue), Tapping.Loaves(uint.MaxValue)));
        Recorded(await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(10)));
        Refused(RefundRefusal.BeyondDraw, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(6)));
        Recorded(await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(5)));

        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Is_for_any_terminal_of_the_merchant_that_was_paid_and_for_no_other()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        var sister = LedgerWorld.Bakery with { Terminal = TerminalId.Parse("BAKERY77") };

        Refused(RefundRefusal.NotYours, await RefundAsync(LedgerWorld.Cooperative, signed, NextId(), Tapping.Loaves(5)));
        Recorded(await RefundAsync(sister, signed, NextId(), Tapping.Loaves(5)));
    }

    [Fact]
    public async Task Is_refused_for_a_record_that_is_not_the_one_that_was_recorded()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        var other = TestCard.Sign(signed.Record with { AmountMinor = signed.Record.AmountMinor + 1 });

        Refused(RefundRefusal.NotGenuine, await RefundAsync(LedgerWorld.Bakery, other, NextId(), Tapping.Loaves(5)));
        Refused(RefundRefusal.NotGenuine, await _world.Ledger.RefundAsync(new RefundRequest(LedgerWorld.Bakery, null, NextId(), [Tapping.Loaves(5)]), CancellationToken.None));
    }

    [Fact]
    public async Task Is_refused_where_nothing_was_approved()
    {
        var never = _card.Draw(_world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15)));
        Refused(RefundRefusal.NotApproved, await RefundAsync(LedgerWorld.Bakery, never, NextId(), Tapping.Loaves(5)));

        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, never));
        Refused(RefundRefusal.NotApproved, await RefundAsync(LedgerWorld.Bakery, never, NextId(), Tapping.Loaves(5)));

        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(500));
        var declined = _card.Draw(drawing);
        (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, declined, drawing.Lines)).Declined(DeclineReason.OutsideDrawWindow);
        Refused(RefundRefusal.NotApproved, await RefundAsync(LedgerWorld.Bakery, declined, NextId(), Tapping.Loaves(5)));
    }

    [Fact]
    public async Task Is_refused_after_the_draw_was_reversed()
    {
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        Assert.Equal(ReversalResult.Undone, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        Refused(RefundRefusal.Reversed, await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(5)));
    }

    [Fact]
    public async Task Leaves_no_doubt_for_a_reversal_to_undo()
    {
        var signed = await DrawAsync(LedgerWorld.Cooperative, Tapping.Loaves(15), Tapping.OfOil(2));
        Recorded(await RefundAsync(LedgerWorld.Cooperative, signed, NextId(), Tapping.Loaves(5), Tapping.OfOil(2)));

        Assert.Equal(ReversalResult.Refused, await _world.ReverseAsync(LedgerWorld.Cooperative, signed));

        Assert.Equal(10, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
        Assert.Equal(2, (await RefundsAsync(LedgerWorld.Today)).Count(line => line.Transaction == signed.Record.TransactionId));
    }

    [Fact]
    public async Task Of_an_offline_draw_goes_to_the_household_and_not_to_the_card()
    {
        (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = _card.Draw(drawing);
        (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Approved();
        var before = await _world.BalanceAsync(_card, Egypt.Bread);

        Recorded(await RefundAsync(LedgerWorld.Bakery, signed, NextId(), Tapping.Loaves(10)));

        var after = await _world.BalanceAsync(_card, Egypt.Bread);
        Assert.Equal((before.Consumed - 10, before.Lent), (after.Consumed, after.Lent));
    }

    [Fact]
    public async Task Never_exceeds_the_draw_however_many_come_at_once_to_two_processes()
    {
        await using var second = _world.Start();
        var signed = await DrawAsync(LedgerWorld.Bakery, Tapping.Loaves(15));
        IDisbursements[] ledgers = [_world.Ledger, second.Ledger];

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(index =>
            ledgers[index % 2].RefundAsync(new RefundRequest(LedgerWorld.Bakery, signed, NextId(), [Tapping.Loaves(2)]), CancellationToken.None)));

        Assert.Equal(7, answers.Count(answer => answer is Refund.Recorded));
        Assert.All(answers.Where(answer => answer is not Refund.Recorded), answer => Assert.True(answer is Refund.Busy or Refund.Refused { Reason: RefundRefusal.BeyondDraw }));
        Assert.Equal(1, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    private static Guid NextId() => new(Interlocked.Increment(ref s_ids), 7, 7, new byte[8]);

    private async Task<SignedRecord> DrawAsync(TerminalStanding terminal, params BasketLine[] lines)
    {
        var signed = _card.Draw(_world.Drawing(terminal, lines));
        (await _world.Ledger.AuthoriseAsync(terminal, signed, lines)).Approved();
        return signed;
    }

    private Task<Refund> RefundAsync(TerminalStanding terminal, SignedRecord signed, Guid id, params BasketLine[] lines) =>
        _world.Ledger.RefundAsync(new RefundRequest(terminal, signed, id, lines), CancellationToken.None);

    private static Refund.Recorded Recorded(Refund refund) => Assert.IsType<Refund.Recorded>(refund);

    private static void Refused(RefundRefusal reason, Refund refund) => Assert.Equal(reason, Assert.IsType<Refund.Refused>(refund).Reason);

    private async Task<List<RecordedLine>> LinesAsync(DateOnly date)
    {
        var lines = new List<RecordedLine>();
        await foreach (var line in _world.Ledger.LinesOfAsync(date, CancellationToken.None))
            lines.Add(line);
        return lines;
    }

    private async Task<List<RefundedLine>> RefundsAsync(DateOnly date)
    {
        var lines = new List<RefundedLine>();
        await foreach (var line in _world.Ledger.RefundsOfAsync(date, CancellationToken.None))
            lines.Add(line);
        return lines;
    }
}

public sealed class A_refund_on_sqlite(SqliteTestDatabase database) : A_refund(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_refund_on_postgres(PostgresTestDatabase database) : A_refund(database), IClassFixture<PostgresTestDatabase>;
