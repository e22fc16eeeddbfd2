using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>
/// A citizen comes back with goods. Of the draw come back:
/// <list type="bullet">
/// <item>all of it, by receipt number or transaction id; some articles; some pieces; the rest</item>
/// <item>more than is left, another article, another price, nothing at all</item>
/// <item>anything, of a draw that was declined, given up, never made, cut off, or forgotten</item>
/// <item>what the backend refuses, for each of its reasons</item>
/// </list>
/// </summary>
public sealed class GoodsBroughtBack : IAsyncLifetime
{
    private static readonly IReadOnlyList<BasketLine> Drawn = [.. Shop.Loaves(10), .. Shop.Oil(2)];

    private Shop _shop = null!;
    private TestCard _card = null!;

    public static TheoryData<RefundResult, RefundRefusal> EveryRefusal => new()
    {
        { RefundResult.NotGenuine, RefundRefusal.NotGenuine },
        { RefundResult.NotYours, RefundRefusal.NotYours },
        { RefundResult.IdUsed, RefundRefusal.IdUsed },
        { RefundResult.NotApproved, RefundRefusal.NotApproved },
        { RefundResult.Reversed, RefundRefusal.Reversed },
        { RefundResult.BeyondDraw, RefundRefusal.BeyondDraw },
        { (RefundResult)99, RefundRefusal.Other },
    };

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync();
        _card = _shop.Bureau.MakeCard();
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task All_of_them_are_taken_back_and_the_citizens_money_goes_back()
    {
        var draw = await DrawAsync();

        var refund = Recorded(await _shop.Terminal.RefundAsync(1));

        Assert.Equal(Drawn, refund.Lines);
        Assert.Equal((200L, "R000001", new DateOnly(2026, 11, 22)), (refund.CitizenGetsMinor, refund.ReceiptNumber, refund.BusinessDate));
        var call = Assert.Single(_shop.Backend.RefundCalls);
        Assert.Matches("^[0-9a-f]{32}$", call.RefundId);
        Assert.Equal(_shop.Terminal.Journal.Find(1)!.Record!.Encoded.ToArray(), call.SignedRecord.Record.ToByteArray());
        Assert.Equal([(1u, 100u, 10u, 20u), (2u, 201u, 2u, 3000u)], call.Lines.Select(line => (line.Programme, line.Commodity, line.Quantity, line.UnitPriceMinor)));
        Assert.Equal(draw.TransactionId, refund.Draw.TransactionId);
    }

    [Fact]
    public async Task By_the_draws_transaction_id_are_taken_back_as_by_its_receipt()
    {
        var draw = await DrawAsync();

        Assert.Equal(Drawn, Recorded(await _shop.Terminal.RefundAsync(draw.TransactionId!.Value)).Lines);
    }

    [Fact]
    public async Task Some_of_them_leave_the_rest_to_come_back_later()
    {
        await DrawAsync();

        Assert.Equal(80, Recorded(await _shop.Terminal.RefundAsync(1, Shop.Loaves(4))).CitizenGetsMinor);
        Assert.Equal([.. Shop.Loaves(6), .. Shop.Oil(2)], Left());
        Assert.Equal(0, Recorded(await _shop.Terminal.RefundAsync(1, Shop.Oil(2))).CitizenGetsMinor);
        Assert.Equal(Shop.Loaves(6), Left());
        Assert.Equal(120, Recorded(await _shop.Terminal.RefundAsync(1)).CitizenGetsMinor);

        Refused(RefundRefusal.BeyondDraw, await _shop.Terminal.RefundAsync(1));
        Assert.Equal(3, _shop.Backend.RefundCalls.Select(call => call.RefundId).Distinct().Count());
    }

    [Fact]
    public async Task Of_an_article_in_two_lines_are_counted_together()
    {
        await _shop.TapAsync(_card, [.. Shop.Loaves(3), .. Shop.Loaves(2)]);

        Refused(RefundRefusal.BeyondDraw, await _shop.Terminal.RefundAsync(1, [.. Shop.Loaves(3), .. Shop.Loaves(3)]));
        Assert.Equal(100, Recorded(await _shop.Terminal.RefundAsync(1, Shop.Loaves(5))).CitizenGetsMinor);
    }

    [Fact]
    public async Task That_count_by_weight_come_back_by_weight_while_the_price_list_knows_it()
    {
        var oil = _shop.Backend.Parameters.Prices.Single(price => price.Commodity == FakeBackend.Oil.Value);
        oil.Grams = 800;
        _shop.Backend.Parameters.Programmes[1].Unit = Protocol.Grpc.V1.QuantityUnit.Gram;
        await ToldAsync("2");
        await DrawAsync();

        var refund = Recorded(await _shop.Terminal.RefundAsync(1, Shop.Oil(1)));
        Assert.Equal(800u, Assert.Single(_shop.Terminal.Journal.SharesOf(refund)).Quantity);

        _shop.Backend.Parameters.Prices.Remove(oil);
        await ToldAsync("3");
        Refused(RefundRefusal.NoLongerKept, await _shop.Terminal.RefundAsync(1, Shop.Oil(1)));
        Assert.Single(_shop.Backend.RefundCalls);

        Task ToldAsync(string version)
        {
            _shop.Backend.Parameters.Version = version;
            return _shop.Terminal.RefreshAsync();
        }
    }

    [Fact]
    public async Task Beyond_the_draw_are_refused_without_a_call()
    {
        await DrawAsync();
        IReadOnlyList<IReadOnlyList<BasketLine>> beyond =
        [
            [], Shop.Loaves(11), Shop.Loaves(0), [.. Shop.Loaves(6), .. Shop.Loaves(5)],
            [new(ProgrammeCode.Groceries, FakeBackend.Sugar, 1, 1260)], [Shop.Loaves(1)[0] with { UnitPriceMinor = 25 }],
        ];

        foreach (var goods in beyond)
            Refused(RefundRefusal.BeyondDraw, await _shop.Terminal.RefundAsync(1, goods));

        Assert.Empty(_shop.Backend.RefundCalls);
        Assert.Empty(_shop.Terminal.RecentRefunds());
        Assert.Equal(Drawn, Left());
    }

    [Fact]
    public async Task Of_a_draw_that_was_declined_are_none()
    {
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondEntitlement };
        await DrawAsync();

        Refused(RefundRefusal.NotApproved, await _shop.Terminal.RefundAsync(1));
        Assert.Empty(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Of_a_draw_that_was_given_up_are_none_before_and_after_its_reversal()
    {
        var draw = await DrawAsync();
        Assert.True(await _shop.Terminal.CancelAsync(draw.TransactionId!.Value));

        Refused(RefundRefusal.Reversed, await _shop.Terminal.RefundAsync(1));
        await _shop.Terminal.SendUnsentAsync();
        Refused(RefundRefusal.Reversed, await _shop.Terminal.RefundAsync(1));
        Assert.Empty(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Of_a_draw_that_was_cut_off_are_none()
    {
        _shop.Insert(_shop.CardWithAllowance()).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Drawn);

        Refused(RefundRefusal.NotApproved, await _shop.Terminal.RefundAsync(1));
    }

    [Fact]
    public async Task Show_that_the_draw_can_no_longer_be_given_up()
    {
        var draw = await DrawAsync();
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(1));

        Assert.False(await _shop.Terminal.CancelAsync(draw.TransactionId!.Value));
        Assert.Equal(EntryState.Approved, _shop.Terminal.Journal.Find(1)!.State);
    }

    [Fact]
    public async Task That_the_backend_refused_leave_the_draw_as_it_was()
    {
        var draw = await DrawAsync();
        _shop.Backend.RefundAnswer = new RefundResponse { Result = RefundResult.NotYours };
        await _shop.Terminal.RefundAsync(1, Shop.Loaves(4));

        Assert.Equal(Drawn, Left());
        Assert.True(await _shop.Terminal.CancelAsync(draw.TransactionId!.Value));
    }

    [Theory]
    [MemberData(nameof(EveryRefusal))]
    public async Task That_the_backend_refuses_are_told_why_and_not_sent_again(RefundResult result, RefundRefusal reason)
    {
        await DrawAsync();
        _shop.Backend.RefundAnswer = new RefundResponse { Result = result };

        var refused = Refused(reason, await _shop.Terminal.RefundAsync(1));
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((RefundState.Refused, 0L), (refused.Refund!.State, refused.Refund.CitizenGetsMinor));
        Assert.Single(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Of_a_draw_that_this_terminal_never_made_are_another_terminals()
    {
        await DrawAsync();

        foreach (var number in new[] { 2L, 0L, -1L, long.MaxValue })
            Refused(RefundRefusal.UnknownDraw, await _shop.Terminal.RefundAsync(number));
        Refused(RefundRefusal.UnknownDraw, await _shop.Terminal.RefundAsync(new TransactionId(4711)));
    }

    [Fact]
    public async Task Of_a_draw_that_has_left_the_journal_are_refused_in_words_of_their_own()
    {
        _shop.Backend.CertificateLife = TimeSpan.FromDays(300);
        await _shop.EnrolAsync();
        await _shop.RestartAsync();
        await DrawAsync();
        await SettleAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(91));
        await DrawAsync();
        await SettleAsync();

        Refused(RefundRefusal.NoLongerKept, await _shop.Terminal.RefundAsync(1));
        Recorded(await _shop.Terminal.RefundAsync(2));
    }

    [Fact]
    public async Task At_prices_that_have_changed_since_come_back_at_what_was_paid()
    {
        await DrawAsync();
        _shop.Backend.Parameters.Version = "2";
        _shop.Backend.Parameters.Prices[0].UnitPriceMinor = 25;
        // The programme's funding changed too: whoever paid then gets back now.
        _shop.Backend.Parameters.Programmes[0].CitizenPays = false;
        Assert.True(await _shop.Terminal.RefreshAsync());

        var refund = Recorded(await _shop.Terminal.RefundAsync(1, Shop.Loaves(4)));

        Assert.Equal(new DrawShare(ProgrammeCode.Bread, 4, QuantityUnit.Loaf, 80), Assert.Single(_shop.Terminal.Journal.SharesOf(refund)));
    }

    [Fact]
    public async Task Wait_until_the_terminal_has_been_told_whose_it_is()
    {
        await using var shop = new Shop();
        await shop.EnrolAsync();
        shop.Backend.IsDown = true;
        await shop.StartAsync();

        Refused(RefundRefusal.TerminalNotReady, await shop.Terminal.RefundAsync(1));
    }

    private Task<TapResult> DrawAsync() => _shop.TapAsync(_card, Drawn);

    private async Task SettleAsync()
    {
        await _shop.Terminal.CloseBatchAsync();
        await _shop.Terminal.UploadLedgerAsync();
    }

    private IReadOnlyList<BasketLine> Left() => Assert.IsType<Refundable.Goods>(_shop.Terminal.FindRefundable(1)).Left;

    private static RefundEntry Recorded(RefundOutcome outcome) => Assert.IsType<RefundOutcome.Recorded>(outcome).Refund;

    private static RefundOutcome.Refused Refused(RefundRefusal reason, RefundOutcome outcome)
    {
        var refused = Assert.IsType<RefundOutcome.Refused>(outcome);
        Assert.Equal(reason, refused.Reason);
        return refused;
    }
}
