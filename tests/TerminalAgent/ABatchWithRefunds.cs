using Dapper;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>Refunds in X, Z and the merchant's ledger: in the batch of the backend's date, beside the draws and never off them; and how long they are kept.</summary>
public sealed class ABatchWithRefunds : IAsyncLifetime
{
    private Shop _shop = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync();
        _card = _shop.Bureau.MakeCard();
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task Counts_what_was_recorded_and_leaves_the_draws_as_they_are()
    {
        await DrawAsync();
        await _shop.Terminal.RefundAsync(1, [.. Shop.Loaves(3), .. Shop.Oil(1)]);
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(2));
        _shop.Backend.RefundAnswer = new RefundResponse { Result = RefundResult.NotYours };
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(1));

        var report = _shop.Terminal.ReadBatch()!;

        Assert.Equal((2, 100L, 0, 200L), (report.Refunds, report.CitizensGotBackMinor, report.Unsent, report.CitizenPaidMinor));
        Assert.Equal([new ProgrammeTotal(ProgrammeCode.Bread, 1, 10, 200), new ProgrammeTotal(ProgrammeCode.Groceries, 1, 6000, 0)], report.Totals);
    }

    [Fact]
    public async Task Tells_the_backend_its_draws_alone_as_the_backend_counts_them()
    {
        await DrawAsync();
        await _shop.Terminal.RefundAsync(1);

        Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync());

        Assert.Equal([(1u, 1u, 10L, 200L), (2u, 1u, 6000L, 0L)], _shop.Backend.Closed[0].Totals.Select(total => (total.Programme, total.Draws, total.Quantity, total.CitizenPaidMinor)));
    }

    [Fact]
    public async Task Claims_a_line_for_each_programme_of_each_recorded_refund_under_the_draws_transaction()
    {
        var draw = await DrawAsync();
        await _shop.Terminal.RefundAsync(1, [.. Shop.Oil(1), .. Shop.Loaves(3)]);
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(2));
        _shop.Backend.RefundAnswer = new RefundResponse { Result = RefundResult.BeyondDraw };
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(1));
        await _shop.Terminal.CloseBatchAsync();

        await _shop.Terminal.UploadLedgerAsync();

        var lines = Assert.Single(_shop.Backend.Uploads).Lines;
        Assert.All(lines, line => Assert.Equal((draw, FakeBackend.TerminalId, 2026_11_22u), (line.TransactionId, line.TerminalId, line.BusinessDate.Yyyymmdd)));
        Assert.Equal(
            [
                (false, 1u, 10L, 200L, "000001"), (false, 2u, 6000L, 0L, "000001"),
                (true, 1u, 3L, 60L, "R000001"), (true, 2u, 3000L, 0L, "R000001"), (true, 1u, 2L, 40L, "R000002"),
            ],
            lines.Select(line => (line.Refund, line.Programme, line.Quantity, line.CitizenPaidMinor, line.ReceiptNumber)));
    }

    [Fact]
    public async Task Of_another_day_than_the_draws_has_the_date_of_the_refund()
    {
        await DrawAsync();
        await CloseAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(1));

        await _shop.Terminal.RefundAsync(1, Shop.Loaves(3));
        await CloseAsync();

        Assert.Equal((0, 1), (_shop.Terminal.ReadBatch(1)!.Refunds, _shop.Terminal.ReadBatch(2)!.Refunds));
        var (header, lines, _) = _shop.Backend.Uploads[1];
        var line = Assert.Single(lines);
        Assert.Equal((2026_11_23u, 2026_11_23u, true), (header.BusinessDate.Yyyymmdd, line.BusinessDate.Yyyymmdd, line.Refund));
        Assert.Empty(_shop.Backend.Closed[1].Totals);
    }

    [Fact]
    public async Task Is_of_the_backends_date_and_not_of_the_terminals()
    {
        await DrawAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(1));
        await DrawAsync();
        await CloseAsync(); // yesterday's
        _shop.Backend.RefundDate = 2026_11_22;
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(3));

        // Asked for today, recorded yesterday: yesterday has a second batch, and today's is still the one that is read.
        Assert.Equal((2, new DateOnly(2026, 11, 23), 0), (_shop.Terminal.ReadBatch()!.Number, _shop.Terminal.ReadBatch()!.BusinessDate, _shop.Terminal.ReadBatch()!.Refunds));
        Assert.Equal((new DateOnly(2026, 11, 22), 1), (_shop.Terminal.ReadBatch(3)!.BusinessDate, _shop.Terminal.ReadBatch(3)!.Refunds));
        Assert.Equal(2, _shop.Terminal.Status().OpenBatch);
        await CloseAsync();
        await CloseAsync();
        Assert.Equal([1u, 2u, 3u], _shop.Backend.Closed.Select(batch => batch.BatchNumber));
        Assert.Equal((2026_11_22u, true), (_shop.Backend.Uploads[2].Header.BusinessDate.Yyyymmdd, Assert.Single(_shop.Backend.Uploads[2].Lines).Refund));
    }

    [Fact]
    public async Task Keeps_a_draw_as_long_as_a_refund_of_it_is_due_or_not_settled()
    {
        _shop.Backend.CertificateLife = TimeSpan.FromDays(400);
        await _shop.EnrolAsync();
        await _shop.RestartAsync();
        await DrawAsync();
        await DrawAsync();
        await DrawAsync();
        await _shop.Terminal.RefundAsync(3);
        await CloseAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(89));
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(1));
        _shop.Backend.Before = method => Lose(method);
        Assert.IsType<RefundOutcome.Due>(await _shop.Terminal.RefundAsync(2));
        await CloseAsync();
        Assert.NotNull(_shop.Terminal.Journal.Find(3));

        _shop.Clock.Advance(TimeSpan.FromDays(2));
        await DrawAsync();
        await CloseAsync();
        Assert.Equal((true, true, false), (Has(1), Has(2), Has(3)));
        Assert.Null(_shop.Terminal.Journal.FindRefund(1));
        Assert.Equal(0, Count("refund_share where number = 1"));

        _shop.Backend.Before = _ => { };
        await _shop.Terminal.SendUnsentAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(89));
        await DrawAsync();
        await CloseAsync();
        // The first refund's batch is older than the time for which all is kept, the second's is not.
        Assert.Equal((false, true), (Has(1), Has(2)));

        bool Has(long draw) => _shop.Terminal.Journal.Find(draw) is not null;
    }

    [Fact]
    public async Task Is_there_in_a_database_that_an_older_release_made()
    {
        var draw = await DrawAsync();
        await _shop.RestartAsync(database => database.Execute("drop table refund_share; drop table refund"));

        Assert.IsType<RefundOutcome.Recorded>(await _shop.Terminal.RefundAsync(1, Shop.Loaves(3)));

        Assert.Equal(draw, _shop.Terminal.Journal.FindRefund(1)!.Draw.TransactionId.ToString());
        Assert.Equal(1, _shop.Terminal.ReadBatch()!.Refunds);
    }

    [Fact]
    public async Task Gives_back_every_field_of_a_refund_after_a_restart()
    {
        await DrawAsync();
        await _shop.Terminal.RefundAsync(1, [.. Shop.Oil(1), .. Shop.Loaves(3)]);
        var before = _shop.Terminal.Journal.FindRefund(1)!;
        var shares = _shop.Terminal.Journal.SharesOf(before);

        await _shop.RestartAsync();

        var after = _shop.Terminal.Journal.FindRefund(1)!;
        Assert.Equal(before.Lines, after.Lines);
        Assert.Equal(before.Answer, after.Answer);
        Assert.Equal((before.RefundId, before.Batch, before.State, before.AskedAt, before.AnsweredAt), (after.RefundId, after.Batch, after.State, after.AskedAt, after.AnsweredAt));
        Assert.Equal(shares, _shop.Terminal.Journal.SharesOf(after));
    }

    [Fact]
    public async Task Takes_no_second_answer_to_a_refund()
    {
        await DrawAsync();
        await _shop.Terminal.RefundAsync(1);
        var recorded = _shop.Terminal.Journal.FindRefund(1)!;

        Assert.Throws<InvalidOperationException>(
            () => _shop.Terminal.Journal.RecordRefundAnswer(recorded, new RefundResponse { Result = RefundResult.NotYours }));
        Assert.Equal(RefundState.Recorded, _shop.Terminal.Journal.FindRefund(1)!.State);
    }

    private async Task<string> DrawAsync() =>
        (await _shop.TapAsync(_card, [.. Shop.Loaves(10), .. Shop.Oil(2)])).TransactionId!.Value.ToString();

    private async Task CloseAsync()
    {
        Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync(evenIfUnsent: true));
        await _shop.Terminal.UploadLedgerAsync();
    }

    private int Count(string rows) => _shop.Terminal.Database.Read(connection => connection.ExecuteScalar<int>($"select count(*) from {rows}"));

    private static void Lose(string method)
    {
        if (method == "Refund")
            throw FakeBackend.Refuse(RefusalReason.Busy, Grpc.Core.StatusCode.ResourceExhausted);
    }
}
