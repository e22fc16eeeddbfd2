using Grpc.Core;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>X reads; Z closes and numbers; the ledger follows.</summary>
public sealed class ClosingABatch : IAsyncLifetime
{
    private Shop _shop = null!;

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task X_adds_up_what_was_approved_and_changes_nothing()
    {
        await DrawAsync(Shop.Loaves(5));
        await DrawAsync([.. Shop.Loaves(10), .. Shop.Oil(2)]);
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondEntitlement };
        await DrawAsync(Shop.Loaves(100));

        var first = _shop.Terminal.ReadBatch()!;
        var second = _shop.Terminal.ReadBatch()!;

        Assert.Equal(
            [new ProgrammeTotal(ProgrammeCode.Bread, 2, 15, 300), new ProgrammeTotal(ProgrammeCode.Groceries, 1, 6000, 0)], first.Totals);
        Assert.Equal((300L, 1, 0, 0), (first.CitizenPaidMinor, first.Declined, first.Unsent, first.NotServed));
        Assert.Equal(first.Totals, second.Totals);
        Assert.Null(first.ClosedAt);
    }

    [Fact]
    public async Task X_leaves_out_what_is_undone_and_what_the_backend_declined_afterwards()
    {
        await DrawAsync(Shop.Loaves(5));
        var given_up = await DrawAsync(Shop.Loaves(7));
        await _shop.Terminal.CancelAsync(given_up.TransactionId!.Value);
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(3));
        Assert.Equal(8, _shop.Terminal.ReadBatch()!.Totals[0].Quantity);

        _shop.Backend.IsDown = false;
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondAllowance };
        await _shop.Terminal.SendUnsentAsync();

        var report = _shop.Terminal.ReadBatch()!;
        Assert.Equal(new ProgrammeTotal(ProgrammeCode.Bread, 1, 5, 100), Assert.Single(report.Totals));
        Assert.Equal((1, 1), (report.Reversed, report.DeclinedAfterwards));
    }

    [Fact]
    public async Task Z_closes_numbers_and_tells_the_backend()
    {
        await DrawAsync(Shop.Loaves(5));

        var outcome = Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync());

        Assert.Equal((1, true), (outcome.Report.Number, outcome.IsBalanced));
        var request = Assert.Single(_shop.Backend.Closed);
        Assert.Equal((1u, 2026_11_22u), (request.BatchNumber, request.BusinessDate.Yyyymmdd));
        Assert.Equal(new BatchTotal { Programme = 1, Draws = 1, Quantity = 5, CitizenPaidMinor = 100 }, Assert.Single(request.Totals));
        Assert.Equal(new TimeOnly(9, 30, 0), outcome.Report.ClosedAt!.Value.Time);
        Assert.IsType<CloseOutcome.NothingToClose>(await _shop.Terminal.CloseBatchAsync());
    }

    [Fact]
    public async Task Z_begins_the_next_batch()
    {
        await DrawAsync(Shop.Loaves(5));
        await _shop.Terminal.CloseBatchAsync();
        await DrawAsync(Shop.Loaves(1));

        var report = _shop.Terminal.ReadBatch()!;

        Assert.Equal((2, 1L), (report.Number, report.Totals[0].Quantity));
        Assert.Equal(5, _shop.Terminal.ReadBatch(1)!.Totals[0].Quantity);
    }

    [Fact]
    public async Task Z_sends_what_is_unsent_first()
    {
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(3));
        _shop.Backend.IsDown = false;

        var outcome = Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync());

        Assert.Equal((0, 3L), (outcome.Report.Unsent, outcome.Report.Totals[0].Quantity));
    }

    [Fact]
    public async Task Z_refuses_while_something_is_unsent()
    {
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(3));

        var outcome = Assert.IsType<CloseOutcome.RefusedUnsent>(await _shop.Terminal.CloseBatchAsync());

        Assert.Equal(1, outcome.Report.Unsent);
        Assert.Null(_shop.Terminal.ReadBatch()!.ClosedAt);
    }

    [Fact]
    public async Task Z_all_the_same_is_told_to_the_backend_when_the_line_is_back()
    {
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(3));

        var outcome = Assert.IsType<CloseOutcome.ClosedHereOnly>(await _shop.Terminal.CloseBatchAsync(evenIfUnsent: true));
        _shop.Backend.IsDown = false;
        await _shop.RestartAsync();
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(3, outcome.Report.Totals[0].Quantity);
        Assert.Equal(1u, Assert.Single(_shop.Backend.Closed).BatchNumber);
        Assert.Equal(0, _shop.Terminal.Status().Unsent);
    }

    [Fact]
    public async Task Z_whose_answer_is_lost_is_told_again_with_the_same_totals()
    {
        await DrawAsync(Shop.Loaves(5));
        _shop.Backend.After = _ => throw new RpcException(new Status(StatusCode.Unavailable, "Lost."));
        Assert.IsType<CloseOutcome.ClosedHereOnly>(await _shop.Terminal.CloseBatchAsync());
        _shop.Backend.After = _ => { };

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(2, _shop.Backend.Closed.Count);
        Assert.Equal(_shop.Backend.Closed[0], _shop.Backend.Closed[1]);
    }

    [Fact]
    public async Task A_new_day_has_its_own_batch_and_the_old_one_waits_for_its_Z()
    {
        await DrawAsync(Shop.Loaves(5));
        _shop.Clock.Advance(TimeSpan.FromHours(20));
        await DrawAsync(Shop.Loaves(1));

        var yesterday = Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync());
        var today = Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync());

        Assert.Equal((1, new DateOnly(2026, 11, 22)), (yesterday.Report.Number, yesterday.Report.BusinessDate));
        Assert.Equal((2, new DateOnly(2026, 11, 23)), (today.Report.Number, today.Report.BusinessDate));
    }

    [Fact]
    public async Task Warns_of_torn_draws_and_takes_a_recovered_one_into_the_batch_of_its_recovery()
    {
        var card = _shop.CardWithAllowance();
        _shop.Backend.IsDown = true;
        _shop.Insert(card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        Assert.Equal(1, _shop.Terminal.ReadBatch()!.Torn);
        await _shop.Terminal.CloseBatchAsync();

        await _shop.TapAsync(card, Shop.Loaves(5));

        Assert.Equal((2, 5L), (_shop.Terminal.ReadBatch()!.Number, _shop.Terminal.ReadBatch()!.Totals[0].Quantity));
    }

    [Fact]
    public async Task Uploads_a_line_for_each_programme_of_each_draw_in_chunks_of_at_most_500()
    {
        for (var draw = 0; draw < 260; draw++)
            await DrawAsync([.. Shop.Loaves(2), .. Shop.Oil(1)]);
        await DrawAsync(Shop.Loaves(1));
        await _shop.Terminal.CloseBatchAsync();

        var report = await _shop.Terminal.UploadLedgerAsync();

        Assert.Equal((521, 0, true), (report.Accepted, report.Refused, report.IsComplete));
        var (header, lines, largestChunk) = Assert.Single(_shop.Backend.Uploads);
        Assert.Equal((FakeBackend.MerchantId, 1u, 500), (header.MerchantId, header.BatchNumber, largestChunk));
        Assert.Equal(521, lines.Count);
        Assert.Equal(
            (_shop.Terminal.Journal.Find(1)!.TransactionId.ToString(), FakeBackend.TerminalId, 1u, 2L, 40L, "000001"),
            (lines[0].TransactionId, lines[0].TerminalId, lines[0].Programme, lines[0].Quantity, lines[0].CitizenPaidMinor, lines[0].ReceiptNumber));
        Assert.Equal(_shop.Backend.Closed[0].Totals.Sum(total => total.Quantity), lines.Sum(line => line.Quantity));
    }

    [Fact]
    public async Task Uploads_a_batch_under_one_id_for_ever()
    {
        await DrawAsync(Shop.Loaves(5));
        await _shop.Terminal.CloseBatchAsync();
        _shop.Backend.After = _ => throw new RpcException(new Status(StatusCode.Unavailable, "Lost."));
        Assert.False((await _shop.Terminal.UploadLedgerAsync()).IsComplete);
        _shop.Backend.After = _ => { };
        Assert.True((await _shop.Terminal.UploadLedgerAsync()).IsComplete);
        await _shop.Terminal.UploadLedgerAsync();

        Assert.Equal(2, _shop.Backend.Uploads.Count);
        Assert.Equal(_shop.Backend.Uploads[0].Header.UploadId, _shop.Backend.Uploads[1].Header.UploadId);
        Assert.Matches("^[0-9a-f]{32}$", _shop.Backend.Uploads[0].Header.UploadId);
    }

    [Fact]
    public async Task Lets_go_of_draws_that_were_settled_long_ago_and_of_nothing_else()
    {
        _shop.Backend.CertificateLife = TimeSpan.FromDays(300);
        await _shop.EnrolAsync();
        await _shop.RestartAsync();
        await DrawAsync(Shop.Loaves(5));
        _shop.Backend.After = method =>
        {
            if (method is "Authorise" or "Reverse")
                throw new RpcException(new Status(StatusCode.Unavailable, "Lost."));
        };
        await DrawAsync(Shop.Loaves(6));
        await _shop.Terminal.CloseBatchAsync(evenIfUnsent: true);
        await _shop.Terminal.UploadLedgerAsync();

        _shop.Clock.Advance(TimeSpan.FromDays(89));
        await CloseAnotherAsync();
        Assert.NotNull(_shop.Terminal.Journal.Find(1));

        _shop.Clock.Advance(TimeSpan.FromDays(2));
        await CloseAnotherAsync();
        Assert.Null(_shop.Terminal.Journal.Find(1));
        Assert.Empty(_shop.Terminal.Journal.EventsOf(1));
        Assert.NotNull(_shop.Terminal.Journal.Find(2)!.Record);
        Assert.Equal(5, _shop.Terminal.ReadBatch(1)!.Totals[0].Quantity);

        async Task CloseAnotherAsync()
        {
            _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondEntitlement };
            await DrawAsync(Shop.Loaves(1));
            await _shop.Terminal.CloseBatchAsync(evenIfUnsent: true);
        }
    }

    private Task<TapResult> DrawAsync(IReadOnlyList<BasketLine> basket) => _shop.TapAsync(_card ??= _shop.Bureau.MakeCard(), basket);

    private Testing.Cards.TestCard? _card;
}
