using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>The card asked the issuer, and no answer came in time: the draw is in doubt, and is undone with the same record until the backend has acknowledged that.</summary>
public sealed class ATapWithoutAnswer : IAsyncLifetime
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
    public async Task Gives_no_goods_and_waits_to_be_reversed()
    {
        LoseAnswersOf("Authorise");

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.NoAnswer, result.Outcome.Kind);
        Assert.False(result.Receipt.IsApproved);
        Assert.Equal(EntryState.ReversalDue, _shop.Terminal.Journal.FindLast()!.State);
        Assert.Equal(1, _shop.Terminal.Status().Unsent);
    }

    [Fact]
    public async Task Is_reversed_with_the_same_record_until_the_backend_acknowledges()
    {
        LoseAnswersOf("Authorise", "Reverse");
        await _shop.TapAsync(_card, Shop.Loaves(5));
        await _shop.Terminal.SendUnsentAsync();
        var second = await _shop.Terminal.SendUnsentAsync();
        _shop.Backend.After = _ => { };

        var third = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, true), (second.Remaining, second.IsLineDown));
        Assert.Equal((0, 1), (third.Remaining, third.Reversed));
        var record = _shop.Terminal.Journal.FindLast()!.Record!.Encoded.ToArray();
        Assert.Equal([record, record, record], _shop.Backend.ReversalAdvices);
        Assert.Equal(EntryState.Reversed, _shop.Terminal.Journal.FindLast()!.State);
    }

    [Fact]
    public async Task Whose_request_never_arrived_leaves_a_tombstone_for_a_late_one()
    {
        _shop.Backend.Before = method => LoseCall(method, "Authorise");
        await _shop.TapAsync(_card, Shop.Loaves(5));
        _shop.Backend.Before = _ => { };

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(ReversalResult.NothingToUndo, _shop.Terminal.Journal.FindLast()!.ReversalResult);
        Assert.Single(_shop.Backend.Reversed);
    }

    [Fact]
    public async Task Is_still_reversed_after_a_restart()
    {
        LoseAnswersOf("Authorise");
        await _shop.TapAsync(_card, Shop.Loaves(5));
        await _shop.RestartAsync();
        _shop.Backend.After = _ => { };

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 0), (report.Reversed, report.Remaining));
    }

    [Fact]
    public async Task Stays_due_while_the_acknowledgement_is_signed_by_somebody_else()
    {
        LoseAnswersOf("Authorise");
        await _shop.TapAsync(_card, Shop.Loaves(5));
        _shop.Backend.After = _ => { };
        _shop.Backend.SignsWrongly = true;

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 1), (report.BadAcknowledgements, report.Remaining));
        Assert.Equal(EntryState.ReversalDue, _shop.Terminal.Journal.FindLast()!.State);
    }

    [Fact]
    public async Task Lets_the_citizen_tap_again_at_once()
    {
        LoseAnswersOf("Authorise");
        await _shop.TapAsync(_card, Shop.Loaves(5));
        _shop.Backend.After = _ => { };
        await _shop.Terminal.SendUnsentAsync();

        var again = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.Approved, again.Outcome.Kind);
        var first = _shop.Terminal.Journal.Find(1)!.Record!;
        var second = _shop.Terminal.Journal.Find(2)!.Record!;
        Assert.Equal(first.Chain(), second.Record.PreviousChain);
    }

    [Fact]
    public async Task Is_reversed_in_the_background_with_growing_pauses()
    {
        LoseAnswersOf("Authorise", "Reverse");
        _shop.Terminal.StartSending();
        await _shop.TapAsync(_card, Shop.Loaves(5));

        await AdviceAsync(1);
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await AdviceAsync(2);
        _shop.Backend.After = _ => { };
        _shop.Clock.Advance(TimeSpan.FromMinutes(5));
        await AdviceAsync(3);

        Assert.Single(_shop.Backend.Reversed);

        // An advice that is out and a pause that has begun: only then does moving the clock mean anything.
        async Task AdviceAsync(int count)
        {
            while (_shop.Backend.ReversalAdvices.Count < count || _shop.Clock.Waiting == 0)
                await Task.Yield();
        }
    }

    private void LoseAnswersOf(params string[] methods) => _shop.Backend.After = method => LoseCall(method, methods);

    private static void LoseCall(string method, params string[] lost)
    {
        if (lost.Contains(method))
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "No answer in time."));
    }
}
