using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// After the draw: undone, once, the day's window too. Before the draw: a tombstone that the late draw finds. Of a declined one: nothing to undo.
/// Of an offline one: before and after it is presented. Not genuine, not this terminal's, other content: refused.
/// </summary>
public abstract class A_reversal(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private TestCard _card = null!;
    private Drawing _drawing = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _card = _world.Household(members: 3);
        _drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(45));
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Gives_the_household_back_what_was_drawn_and_its_window_too()
    {
        var signed = _card.Draw(_drawing);
        (await AuthoriseAsync(signed)).Approved();

        Assert.Equal(ReversalResult.Undone, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
        (await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(45))).Approved();
    }

    [Fact]
    public async Task Sent_again_undoes_nothing_more()
    {
        var signed = _card.Draw(_drawing);
        await AuthoriseAsync(signed);
        (await _world.TapAsync(_card, LedgerWorld.Grocer, Tapping.OfOil(1))).Approved();

        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _world.ReverseAsync(LedgerWorld.Bakery, signed)));

        Assert.All(results, result => Assert.Equal(ReversalResult.Undone, result));
        Assert.Equal(1, await _world.CountAsync("reversals", $"card = {_card.Number.Value}"));
        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Leaves_the_first_outcome_standing_but_tells_the_card_no()
    {
        var signed = _card.Draw(_drawing);
        var first = await AuthoriseAsync(signed);
        await _world.ReverseAsync(LedgerWorld.Bakery, signed);

        var again = await AuthoriseAsync(signed);

        Assert.Equal(first.OutcomeBytes.ToArray(), again.OutcomeBytes.ToArray());
        Assert.Equal(("00", "05", 0), (Text(first.Arc), Text(again.Arc), again.IssuerScripts.Count));
        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task That_comes_first_keeps_the_late_draw_from_succeeding()
    {
        var signed = _card.Draw(_drawing);

        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, signed));
        (await AuthoriseAsync(signed)).Declined(DeclineReason.AlreadyReversed);
        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task That_comes_first_for_a_copied_cards_draw_is_looked_into()
    {
        var clone = _card.Copied();
        (await AuthoriseAsync(_card.Draw(_drawing))).Approved();
        clone.Draw(_drawing);

        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, clone.Draw(_drawing)));

        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value} AND kind = 4"));
    }

    [Fact]
    public async Task That_races_its_draw_ends_with_nothing_drawn()
    {
        for (var round = 0; round < 20; round++)
        {
            var signed = _card.Draw(_drawing);
            await Task.WhenAll(AuthoriseAsync(signed), _world.ReverseAsync(LedgerWorld.Bakery, signed));
        }

        Assert.Equal(0, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Of_a_declined_draw_has_nothing_to_undo()
    {
        var tooMuch = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(46));
        var signed = _card.Draw(tooMuch);
        (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, tooMuch.Lines)).Declined(DeclineReason.OutsideDrawWindow);

        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, signed));
    }

    [Fact]
    public async Task Of_a_presented_draw_gives_it_back_to_the_household_not_to_the_card()
    {
        await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = _card.Draw(drawing);
        (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Approved();

        Assert.Equal(ReversalResult.Undone, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        var bread = await _world.BalanceAsync(_card, Egypt.Bread);
        Assert.Equal((15L, 5L), (bread.Consumed, bread.Lent));
    }

    [Fact]
    public async Task Of_an_offline_draw_that_is_never_presented_frees_what_was_reserved_for_it()
    {
        await _world.TapAsync(_card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = _card.Draw(drawing);

        Assert.Equal(ReversalResult.NothingToUndo, await _world.ReverseAsync(LedgerWorld.Bakery, signed));

        var bread = await _world.BalanceAsync(_card, Egypt.Bread);
        Assert.Equal((15L, 5L), (bread.Consumed, bread.Lent));
        (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Declined(DeclineReason.AlreadyReversed);
    }

    [Fact]
    public async Task That_is_not_the_cards_is_refused_and_looked_into()
    {
        var signed = _card.Draw(_drawing);
        await AuthoriseAsync(signed);

        Assert.Equal(ReversalResult.Refused, await _world.ReverseAsync(LedgerWorld.Bakery, TestCard.Sign(signed.Record, cryptogram: false)));
        Assert.Equal(ReversalResult.Refused, await _world.ReverseAsync(LedgerWorld.Bakery, TestCard.Sign(signed.Record, signature: false)));

        Assert.Equal(2, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value}"));
        Assert.Equal(45, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Of_another_terminals_draw_is_refused()
    {
        var signed = _card.Draw(_drawing);
        await AuthoriseAsync(signed);

        Assert.Equal(ReversalResult.Refused, await _world.ReverseAsync(LedgerWorld.Grocer, signed));
    }

    [Fact]
    public async Task With_other_content_is_refused_and_looked_into()
    {
        var clone = _card.Copied();
        await AuthoriseAsync(_card.Draw(_drawing));

        Assert.Equal(ReversalResult.Refused, await _world.ReverseAsync(LedgerWorld.Bakery, clone.Draw(_drawing)));

        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value} AND kind = 3"));
        Assert.Equal(45, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Takes_the_line_out_of_the_days_lines_and_totals()
    {
        var kept = _world.Drawing(LedgerWorld.Grocer, Tapping.OfOil(1));
        (await _world.TapAsync(_card, LedgerWorld.Grocer, kept)).Approved();
        var before = await TotalsAsync();
        var signed = _card.Draw(_drawing);
        await AuthoriseAsync(signed);
        Assert.Contains(await TransactionsAsync(), transaction => transaction == signed.Record.TransactionId);

        await _world.ReverseAsync(LedgerWorld.Bakery, signed);

        Assert.DoesNotContain(await TransactionsAsync(), transaction => transaction == signed.Record.TransactionId);
        Assert.Equal(before, await TotalsAsync());
    }

    private async Task<IReadOnlyList<BatchTotal>> TotalsAsync() =>
        await _world.Ledger.TotalsOfAsync(LedgerWorld.Bakery.Terminal, LedgerWorld.Today, CancellationToken.None);

    private async Task<List<TransactionId>> TransactionsAsync()
    {
        var transactions = new List<TransactionId>();
        await foreach (var line in _world.Ledger.LinesOfAsync(LedgerWorld.Today, CancellationToken.None))
            transactions.Add(line.Transaction);
        return transactions;
    }

    private Task<Authorisation.Decided> AuthoriseAsync(SignedRecord signed) => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, _drawing.Lines);

    private static string Text(ReadOnlyMemory<byte> ascii) => System.Text.Encoding.ASCII.GetString(ascii.Span);
}

public sealed class A_reversal_on_sqlite(SqliteTestDatabase database) : A_reversal(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_reversal_on_postgres(PostgresTestDatabase database) : A_reversal(database), IClassFixture<PostgresTestDatabase>;
