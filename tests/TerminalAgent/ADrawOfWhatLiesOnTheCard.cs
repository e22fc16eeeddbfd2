using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>
/// With a line, at a month's end: of the household's bread 8 loaves are left to draw online and 12 lie lent on its card. Drawn from the card: what is left there alone.
/// Left to the backend: what it can still approve, and what the card cannot give or must not give now.
/// </summary>
public sealed class ADrawOfWhatLiesOnTheCard : IAsyncLifetime
{
    private const uint LoavesLent = 12;

    private Shop _shop = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync();
        _card = _shop.CardWithAllowance(loaves: LoavesLent, piastres: 9_000);
        (_shop.Backend.LoavesLeft, _shop.Backend.LoavesLent) = (20, (int)LoavesLent);
        _shop.Backend.Calls.Clear();
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task Is_approved_by_the_card_although_there_is_a_line()
    {
        var result = await _shop.TapAsync(_card, Shop.Loaves(12));

        Assert.Equal((TapOutcomeKind.ApprovedOffline, true), (result.Outcome.Kind, result.Card!.IsOnline));
        Assert.Equal(["Inquire"], _shop.Backend.Calls);
        var entry = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal((EntryState.Unsent, CryptogramKind.Offline), (entry.State, entry.Record!.Record.Kind));
    }

    [Fact]
    public async Task Is_presented_like_any_other_that_the_card_approved()
    {
        await _shop.TapAsync(_card, Shop.Loaves(12));

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 0, 0), (report.Presented, report.PresentedDeclined, report.Remaining));
        Assert.Equal(8, _shop.Backend.LoavesLeft);
    }

    [Fact]
    public async Task Says_on_its_receipt_what_is_left_to_the_household()
    {
        var result = await _shop.TapAsync(_card, Shop.Loaves(12));

        Assert.Contains(result.Receipt.Remaining, left => left is { Unit: QuantityUnit.Loaf, Quantity: 8, Offline: false });
    }

    [Fact]
    public async Task Is_checked_for_the_cards_signature_because_the_goods_are_given_for_it_alone()
    {
        var first = await _shop.TapAsync(_card, Shop.Loaves(9));

        Assert.Equal(7, first.Timings.Exchanges);
    }

    [Fact]
    public async Task Is_not_to_be_had_again_from_the_card()
    {
        await _shop.TapAsync(_card, Shop.Loaves(12));
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondEntitlement };

        var again = await _shop.TapAsync(_card, Shop.Loaves(12));

        Assert.Equal((TapOutcomeKind.Declined, DeclineReason.BeyondEntitlement), (again.Outcome.Kind, again.Outcome.Decline));
        Assert.Equal([CryptogramKind.Offline, CryptogramKind.Online], new[] { 1L, 2L }.Select(number => _shop.Terminal.Journal.Find(number)!.Record!.Record.Kind));
    }

    [Fact]
    public async Task That_the_backend_can_still_approve_is_left_to_it()
    {
        Assert.Equal(TapOutcomeKind.Approved, (await _shop.TapAsync(_card, Shop.Loaves(8))).Outcome.Kind);
        Assert.Equal(["Inquire", "Authorise"], _shop.Backend.Calls);
    }

    [Fact]
    public async Task Beyond_what_the_card_holds_is_left_to_the_backend() => await IsLeftToTheBackendAsync(Shop.Loaves(13));

    [Fact]
    public async Task Of_a_card_that_spent_its_allowance_elsewhere_is_left_to_the_backend()
    {
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_card, Shop.Loaves(4));
        _shop.Backend.IsDown = false;
        _shop.Clock.Advance(TimeSpan.FromSeconds(16)); // until the line is asked again

        await IsLeftToTheBackendAsync(Shop.Loaves(9));
    }

    [Fact]
    public async Task Of_a_card_that_must_see_its_issuer_first_is_left_to_the_backend()
    {
        _card = _shop.CardWithAllowance(LoavesLent, limits: TestBureau.DefaultLimits with { LowerConsecutiveOffline = 0, UpperConsecutiveOffline = 0 });

        await IsLeftToTheBackendAsync(Shop.Loaves(12));
    }

    [Fact]
    public async Task Outside_the_draw_window_is_left_to_the_backend()
    {
        _shop.Backend.LoavesFromAllowance = 0;

        await IsLeftToTheBackendAsync(Shop.Loaves(12));
    }

    [Fact]
    public async Task Beside_goods_that_the_card_was_not_to_give_is_left_to_the_backend() =>
        await IsLeftToTheBackendAsync([.. Shop.Loaves(12), .. Shop.Oil(1)]);

    [Fact]
    public async Task At_a_terminal_that_keeps_too_many_records_is_left_to_the_backend()
    {
        _shop.Backend.Parameters.Offline.RecordsMax = 0;
        _shop.Backend.Parameters.Version = "2";
        await _shop.Terminal.RefreshAsync();

        await IsLeftToTheBackendAsync(Shop.Loaves(12));
    }

    private async Task IsLeftToTheBackendAsync(IReadOnlyList<BasketLine> basket)
    {
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondEntitlement };

        var result = await _shop.TapAsync(_card, basket);

        Assert.Equal((TapOutcomeKind.Declined, DeclineReason.BeyondEntitlement), (result.Outcome.Kind, result.Outcome.Decline));
        Assert.Equal(CryptogramKind.Online, _shop.Terminal.Journal.FindLast()!.Record!.Record.Kind);
    }
}
