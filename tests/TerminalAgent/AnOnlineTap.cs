using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>With a line: the backend decides on what the card signed.</summary>
public sealed class AnOnlineTap : IAsyncLifetime
{
    private Shop _shop = null!;

    public static TheoryData<DeclineReason> EveryReason => [.. Enum.GetValues<DeclineReason>().Where(reason => reason != DeclineReason.Unspecified)];

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task That_the_backend_approves_is_journalled_step_by_step()
    {
        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
        var entry = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal(EntryState.Approved, entry.State);
        Assert.Equal(
            [EntryState.Intent, EntryState.Committed, EntryState.Approved], _shop.Terminal.Journal.EventsOf(entry.Sequence).Select(step => step.State));
        Assert.Equal(0, _shop.Terminal.Status().Unsent);
    }

    [Fact]
    public async Task Takes_six_exchanges_with_the_card()
    {
        var card = _shop.Insert(_shop.Bureau.MakeCard());

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal(6, result.Timings.Exchanges);
        Assert.Equal(
            [Instruction.Select, Instruction.GetData, Instruction.PerformSecurityOperation, Instruction.MutualAuthenticate,
                Instruction.GetProcessingOptions, Instruction.GenerateApplicationCryptogram],
            card.Instructions);
    }

    [Fact]
    public async Task Makes_two_calls()
    {
        _shop.Backend.Calls.Clear();

        await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal(["Inquire", "Authorise"], _shop.Backend.Calls);
    }

    [Fact]
    public async Task Sends_evidence_that_the_issuer_can_check()
    {
        var card = _shop.Bureau.MakeCard();

        await _shop.TapAsync(card, Shop.Loaves(5));

        var record = _shop.Terminal.Journal.FindLast()!.Record!;
        Assert.True(ApplicationCryptogram.IsGenuine(card.Data.CryptogramKey, record.Record.Atc, record.Encoded.Span, record.Cryptogram.Span));
        Assert.Equal(Basket.Hash(Shop.Loaves(5)), record.Record.BasketHash.ToArray());
        Assert.Equal((100L, new DateOnly(2026, 11, 22), new TimeOnly(9, 30, 0)), (record.Record.AmountMinor, record.Record.Date, record.Record.Time));
    }

    [Theory]
    [MemberData(nameof(EveryReason))]
    public async Task That_the_backend_declines_ends_with_its_reason_and_a_receipt_with_the_next_step(DeclineReason reason)
    {
        _shop.Backend.Decline = new Declined { Reason = reason, Quota = 1, Available = 3 };

        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.Declined, reason, 3L), (result.Outcome.Kind, result.Outcome.Decline, result.Outcome.Available));
        Assert.False(result.Outcome.IsApproved);
        Assert.Equal(DeclineTexts.For(reason), result.Receipt.Advice);
        Assert.Equal(EntryState.Declined, _shop.Terminal.Journal.FindLast()!.State);
        Assert.Equal(0, _shop.Terminal.Status().Unsent);
    }

    [Fact]
    public async Task Shows_the_merchant_what_is_left_before_the_basket_is_chosen()
    {
        _shop.Insert(_shop.Bureau.MakeCard());
        CardView? seen = null;

        await _shop.Terminal.TapAsync((view, _) =>
        {
            seen = view;
            return ValueTask.FromResult<IReadOnlyList<BasketLine>?>(Shop.Loaves(1));
        });

        Assert.Equal(("أمينة ع. م.", 4, CardStanding.Active, true), (seen!.HolderDisplay, seen.Members, seen.Standing, seen.IsOnline));
        Assert.Contains(new Remaining(1, ProgrammeCode.Bread, QuantityUnit.Loaf, 150, Offline: false), seen.Remaining);
    }

    [Fact]
    public async Task That_the_merchant_gives_up_draws_nothing()
    {
        var card = _shop.Insert(_shop.Bureau.MakeCard());

        var result = await _shop.Terminal.TapAsync((_, _) => ValueTask.FromResult<IReadOnlyList<BasketLine>?>(null));

        Assert.Equal(TapOutcomeKind.Cancelled, result.Outcome.Kind);
        Assert.DoesNotContain(Instruction.GenerateApplicationCryptogram, card.Instructions);
        Assert.Null(_shop.Terminal.Journal.FindLast());
    }

    [Fact]
    public async Task Draws_several_programmes_at_once()
    {
        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), [.. Shop.Oil(2), .. Shop.Loaves(10)]);

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
        var draws = _shop.Terminal.Journal.FindLast()!.Record!.Record.Draws;
        Assert.Equal(
            [(ProgrammeCode.Bread, 10u, QuantityUnit.Loaf), (ProgrammeCode.Groceries, 6000u, QuantityUnit.MinorCurrency)],
            draws.Select(draw => (draw.Programme, draw.Quantity, draw.Unit)));
    }

    [Theory]
    [InlineData(99, 20)] // no such article
    [InlineData(100, 21)] // not the list's price
    public async Task That_asks_for_what_the_price_list_does_not_have_is_refused_before_the_card_commits(ushort commodity, uint price)
    {
        var result = await _shop.TapAsync(
            _shop.Bureau.MakeCard(), [new BasketLine(ProgrammeCode.Bread, new CommodityCode(commodity), 1, price)]);

        Assert.Equal(TapOutcomeKind.BasketRefused, result.Outcome.Kind);
        Assert.Null(_shop.Terminal.Journal.FindLast());
    }

    [Fact]
    public async Task Uses_the_price_that_is_in_force_on_the_business_date()
    {
        _shop.Clock.Advance(TimeSpan.FromDays(9));

        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), [new BasketLine(ProgrammeCode.Groceries, FakeBackend.Sugar, 1, 1300)]);

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
    }

    [Fact]
    public async Task Relays_the_issuers_orders_while_the_card_is_still_there()
    {
        var card = _shop.Bureau.MakeCard();
        _shop.Backend.Scripts.Add(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 10, 10));

        var result = await _shop.TapAsync(card, Shop.Loaves(5));

        Assert.Equal(1, result.ScriptsRelayed);
        _shop.RemoveCard();
        Assert.Equal(10u, Assert.Single(card.Snapshot().Allowances).Granted);
    }

    [Fact]
    public async Task Brings_the_card_no_order_that_it_has_carried_out()
    {
        var card = _shop.Bureau.MakeCard();
        _shop.Backend.Scripts.Add(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 10, 10));
        await _shop.TapAsync(card, Shop.Loaves(5));

        var second = await _shop.TapAsync(card, Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.Approved, 0, 6), (second.Outcome.Kind, second.ScriptsRelayed, second.Timings.Exchanges));
    }

    [Fact]
    public async Task Spares_a_card_that_counted_no_offline_draw_the_issuers_word()
    {
        var card = _shop.Bureau.MakeCard();
        _shop.Backend.Arpc = record =>
            ApplicationCryptogram.Response(card.Data.CryptogramKey, record.Record.Atc, record.Cryptogram.Span, IssuerAuthentication.Approved);

        var result = await _shop.TapAsync(card, Shop.Loaves(1));

        Assert.Equal((TapOutcomeKind.Approved, 6), (result.Outcome.Kind, result.Timings.Exchanges));
    }

    [Fact]
    public async Task Relays_the_issuers_word_that_resets_the_count_of_offline_draws()
    {
        var card = _shop.CardWithAllowance();
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(card, Shop.Loaves(1));
        _shop.Backend.IsDown = false;
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        _shop.Backend.Arpc = record =>
            ApplicationCryptogram.Response(card.Data.CryptogramKey, record.Record.Atc, record.Cryptogram.Span, IssuerAuthentication.Approved);

        await _shop.TapAsync(card, Shop.Loaves(1));

        _shop.RemoveCard();
        Assert.Equal(0, card.Snapshot().ConsecutiveOffline.Count);
    }

    [Fact]
    public async Task Stands_even_if_the_card_goes_before_the_issuers_orders_reach_it()
    {
        var card = _shop.Bureau.MakeCard();
        _shop.Backend.Scripts.Add(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 10, 10));
        _shop.Insert(card).PullAt(Instruction.PutData, after: false);

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.Approved, 0), (result.Outcome.Kind, result.ScriptsRelayed));
    }

    [Fact]
    public async Task Of_a_revoked_terminal_is_refused_and_not_served_without_a_line_either()
    {
        _shop.Backend.Before = _ => throw FakeBackend.Refuse(RefusalReason.CertificateRevoked, Grpc.Core.StatusCode.Unauthenticated);

        var result = await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.TerminalRefused, result.Outcome.Kind);
        Assert.Null(_shop.Terminal.Journal.FindLast());
    }

    [Fact]
    public async Task Falls_back_to_the_card_when_the_backend_is_too_busy_to_answer()
    {
        _shop.Backend.Before = _ => throw FakeBackend.Refuse(RefusalReason.Busy, Grpc.Core.StatusCode.ResourceExhausted);

        var result = await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.ApprovedOffline, result.Outcome.Kind);
    }

    [Fact]
    public async Task Given_up_before_the_goods_are_handed_over_is_reversed()
    {
        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.True(await _shop.Terminal.CancelAsync(result.TransactionId!.Value));
        await _shop.Terminal.SendUnsentAsync();

        Assert.Single(_shop.Backend.Reversed);
        var entry = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal((EntryState.Reversed, ReversalReason.Cancelled), (entry.State, entry.ReversalReason));
        Assert.False(await _shop.Terminal.CancelAsync(result.TransactionId.Value));
    }
}
