using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>Without a line: the card gives of what was lent to it, and the terminal keeps the record until the backend has acknowledged it.</summary>
public sealed class ATapWithoutALine : IAsyncLifetime
{
    private Shop _shop = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync(backend => backend.Denylist.AddRange(Enumerable.Range(1, 5).Select(version => new DenylistEntry
        {
            Version = version,
            CardNumber = CardNumber.FromPayload((ulong)version).FullDigits,
            Denied = true,
        })));
        _card = _shop.CardWithAllowance(loaves: 20, piastres: 9_000);
        _shop.Backend.IsDown = true;
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task Is_approved_by_the_card_and_ends_at_the_journal()
    {
        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.ApprovedOffline, result.Outcome.Kind);
        var entry = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal((EntryState.Unsent, CryptogramKind.Offline), (entry.State, entry.Record!.Record.Kind));
        Assert.Equal(1, _shop.Terminal.Status().Unsent);
        Assert.False(_shop.Terminal.Status().IsOnline);
    }

    [Fact]
    public async Task Says_on_its_receipt_what_the_card_may_still_give()
    {
        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Contains(result.Receipt.Remaining, left => left is { Unit: QuantityUnit.Loaf, Quantity: 15, Offline: true });
    }

    [Fact]
    public async Task Checks_the_cards_signature_and_keeps_its_certificate_for_the_next_tap()
    {
        var first = await _shop.TapAsync(_card, Shop.Loaves(5));
        var second = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal((7, 6), (first.Timings.Exchanges, second.Timings.Exchanges));
    }

    [Fact]
    public async Task Does_not_ask_a_line_that_just_failed()
    {
        await _shop.TapAsync(_card, Shop.Loaves(1));
        _shop.Backend.IsDown = false;
        _shop.Backend.Calls.Clear();

        await _shop.TapAsync(_card, Shop.Loaves(1));
        Assert.Empty(_shop.Backend.Calls);

        _shop.Clock.Advance(TimeSpan.FromSeconds(16));
        await _shop.TapAsync(_card, Shop.Loaves(1));
        Assert.Equal(["Inquire", "Authorise"], _shop.Backend.Calls);
    }

    [Fact]
    public async Task Is_presented_later_and_let_go_of_for_a_signed_acknowledgement_alone()
    {
        await _shop.TapAsync(_card, Shop.Loaves(5));
        await _shop.TapAsync(_card, Shop.Loaves(3));
        _shop.Backend.IsDown = false;
        _shop.Backend.SignsWrongly = true;

        var wrong = await _shop.Terminal.SendUnsentAsync();
        _shop.Backend.SignsWrongly = false;
        var right = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((0, 2), (wrong.Presented, wrong.Remaining));
        Assert.Equal((2, 0), (right.Presented, right.Remaining));
        Assert.Equal(2, _shop.Backend.Outcomes.Count);
        Assert.All(new[] { 1L, 2L }, number => Assert.Equal(EntryState.Presented, _shop.Terminal.Journal.Find(number)!.State));
    }

    [Fact]
    public async Task Presents_many_records_in_their_order()
    {
        _shop.Backend.Parameters.Offline.RecordsMax = 500;
        _shop.Backend.Parameters.Version = "2";
        _shop.Backend.IsDown = false;
        await _shop.Terminal.RefreshAsync();
        _shop.Backend.IsDown = true;
        for (var card = 0; card < 30; card++)
        {
            var holder = _shop.CardWithAllowance();
            for (var tap = 0; tap < 5; tap++)
                Assert.Equal(TapOutcomeKind.ApprovedOffline, (await _shop.TapAsync(holder, Shop.Loaves(1))).Outcome.Kind);
        }

        _shop.Backend.IsDown = false;
        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((150, 0), (report.Presented, report.Remaining));
        Assert.Equal(
            Enumerable.Range(1, 150).Select(number => _shop.Terminal.Journal.Find(number)!.Record!.Encoded.ToArray()), _shop.Backend.Presented);
    }

    [Fact]
    public async Task Whose_upload_is_cut_off_half_way_is_presented_again_without_harm()
    {
        await _shop.TapAsync(_card, Shop.Loaves(1));
        await _shop.TapAsync(_card, Shop.Loaves(2));
        await _shop.TapAsync(_card, Shop.Loaves(3));
        _shop.Backend.IsDown = false;
        var answers = 0;
        _shop.Backend.After = method =>
        {
            if (method == "Present" && ++answers == 2)
                throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "Cut."));
        };

        var cut = await _shop.Terminal.SendUnsentAsync();
        var rest = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 2), (cut.Presented, cut.Remaining));
        Assert.Equal((2, 0), (rest.Presented, rest.Remaining));
        Assert.Equal(3, _shop.Backend.Outcomes.Count);
    }

    [Fact]
    public async Task That_the_backend_declines_afterwards_is_acknowledged_too()
    {
        await _shop.TapAsync(_card, Shop.Loaves(5));
        _shop.Backend.IsDown = false;
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondAllowance };

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 1, 0), (report.Presented, report.PresentedDeclined, report.Remaining));
        Assert.False(_shop.Terminal.Journal.FindLast()!.CountsAsDrawn);
    }

    [Fact]
    public async Task Beyond_what_was_lent_is_declined_by_the_card_and_its_record_presented_so_that_no_counter_is_missing()
    {
        var result = await _shop.TapAsync(_card, Shop.Loaves(21));
        _shop.Backend.IsDown = false;
        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(TapOutcomeKind.DeclinedByCard, result.Outcome.Kind);
        Assert.Equal((1, 1), (report.Presented, report.PresentedDeclined));
        Assert.Equal(CryptogramKind.Declined, _shop.Terminal.Journal.FindLast()!.Record!.Record.Kind);
    }

    [Fact]
    public async Task Survives_a_restart_with_its_record()
    {
        await _shop.TapAsync(_card, Shop.Loaves(5));

        await _shop.RestartAsync();

        Assert.Equal(1, _shop.Terminal.Status().Unsent);
        _shop.Backend.IsDown = false;
        Assert.True((await _shop.Terminal.SendUnsentAsync()).IsAllSent);
    }

    [Fact]
    public async Task Of_a_denied_card_is_refused()
    {
        _shop.Backend.IsDown = false;
        _shop.Backend.Denylist.Add(new DenylistEntry { Version = 6, CardNumber = _card.Number.FullDigits, Denied = true });
        await _shop.Terminal.RefreshAsync();
        _shop.Backend.IsDown = true;

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardDenylisted, result.Outcome.Kind);
        Assert.Equal((6L, 6), (_shop.Terminal.Status().DenylistVersion, _shop.Terminal.Status().DeniedCards));
    }

    [Fact]
    public async Task Of_a_card_that_was_taken_off_the_denylist_is_served()
    {
        _shop.Backend.IsDown = false;
        _shop.Backend.Denylist.Add(new DenylistEntry { Version = 6, CardNumber = _card.Number.FullDigits, Denied = true });
        _shop.Backend.Denylist.Add(new DenylistEntry { Version = 7, CardNumber = _card.Number.FullDigits, Denied = false });
        await _shop.Terminal.RefreshAsync();
        _shop.Backend.IsDown = true;

        Assert.Equal(TapOutcomeKind.ApprovedOffline, (await _shop.TapAsync(_card, Shop.Loaves(5))).Outcome.Kind);
    }

    [Fact]
    public async Task Worth_more_than_the_limit_is_refused_payment_and_subsidy_together()
    {
        // 55 loaves at 20 + 164 piastres are 101.20; the limit is 100.00.
        Assert.Equal(TapOutcomeKind.OfflineValueTooHigh, (await _shop.TapAsync(_card, Shop.Loaves(55))).Outcome.Kind);
        Assert.Equal(TapOutcomeKind.DeclinedByCard, (await _shop.TapAsync(_card, Shop.Loaves(54))).Outcome.Kind);
    }

    [Fact]
    public async Task Is_refused_when_too_many_records_wait_to_be_sent()
    {
        for (var tap = 0; tap < 5; tap++)
            await _shop.TapAsync(_card, Shop.Loaves(1));

        var result = await _shop.TapAsync(_card, Shop.Loaves(1));

        Assert.Equal(TapOutcomeKind.TooManyUnsent, result.Outcome.Kind);
    }

    [Fact]
    public async Task Is_refused_when_the_last_contact_is_too_long_ago()
    {
        _shop.Clock.Advance(TimeSpan.FromHours(49));

        Assert.Equal(TapOutcomeKind.TooLongWithoutContact, (await _shop.TapAsync(_card, Shop.Loaves(1))).Outcome.Kind);
    }

    [Fact]
    public async Task Remembers_its_last_contact_over_a_restart()
    {
        _shop.Clock.Advance(TimeSpan.FromHours(47));
        await _shop.RestartAsync();

        Assert.Equal(TapOutcomeKind.ApprovedOffline, (await _shop.TapAsync(_card, Shop.Loaves(1))).Outcome.Kind);
    }

    [Fact]
    public async Task Above_the_threshold_asks_for_the_PIN()
    {
        _shop.PinPad.Pin = TestBureau.Pin;

        var result = await _shop.TapAsync(_card, Shop.Oil(2));

        Assert.Equal(TapOutcomeKind.ApprovedOffline, result.Outcome.Kind);
        Assert.Equal([3], _shop.PinPad.TriesShown);
    }

    [Fact]
    public async Task With_a_wrong_PIN_says_how_many_tries_are_left_and_then_that_it_is_blocked()
    {
        _shop.PinPad.Pin = "9999";

        var outcomes = new List<TapOutcome>();
        for (var tap = 0; tap < 4; tap++)
            outcomes.Add((await _shop.TapAsync(_card, Shop.Oil(2))).Outcome);

        Assert.Equal(
            [new(TapOutcomeKind.PinWrong, PinTriesLeft: 2), new(TapOutcomeKind.PinWrong, PinTriesLeft: 1), new(TapOutcomeKind.PinBlocked), new(TapOutcomeKind.PinBlocked)],
            outcomes);
        Assert.Equal(3, _shop.PinPad.TriesShown.Count);
    }

    [Fact]
    public async Task Without_the_PIN_that_it_needs_draws_nothing()
    {
        var result = await _shop.TapAsync(_card, Shop.Oil(2));

        Assert.Equal(TapOutcomeKind.PinNotEntered, result.Outcome.Kind);
        Assert.Equal(0, _card.Snapshot().Atc.Value);
    }

    [Fact]
    public async Task Counts_those_who_were_not_served()
    {
        await _shop.TapAsync(_card, Shop.Loaves(1));
        await _shop.TapAsync(_card, Shop.Loaves(55));
        await _shop.TapAsync(_card, Shop.Oil(2));

        Assert.Equal(2, _shop.Terminal.ReadBatch()!.NotServed);
    }
}
