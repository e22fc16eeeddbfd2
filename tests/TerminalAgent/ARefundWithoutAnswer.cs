using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>
/// A refund was journalled and its answer did not come: it is sent under the same id until it does, and nobody gets money before. What kept the answer away:
/// <list type="bullet">
/// <item>the answer was lost; the call was; there was no line; the backend refused the call, or answered something else</item>
/// <item>the process died before the call, or before the answer was written</item>
/// <item>its draw was made without a line and is itself unsent</item>
/// </list>
/// </summary>
public sealed class ARefundWithoutAnswer : IAsyncLifetime
{
    private Shop _shop = null!;
    private TestCard _card = null!;

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync();
        _card = _shop.CardWithAllowance();
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task Is_sent_again_under_the_same_id_and_recorded_once()
    {
        await DrawAsync();
        LoseAnswersOfRefunds();

        Due(await _shop.Terminal.RefundAsync(1, Shop.Loaves(4)));
        var second = await _shop.Terminal.SendUnsentAsync();
        _shop.Backend.After = _ => { };
        var third = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, true), (second.Remaining, second.IsLineDown));
        Assert.Equal((0, 80L), (third.Remaining, Assert.Single(third.Refunds).CitizenGetsMinor));
        Assert.Equal(3, _shop.Backend.RefundCalls.Count);
        Assert.Single(_shop.Backend.RefundCalls.Distinct());
        Assert.Single(_shop.Backend.Refunds);
        Assert.Equal((RefundState.Recorded, 2), (Refund().State, Refund().Attempts));
    }

    [Fact]
    public async Task Is_not_sent_again_once_it_is_answered()
    {
        await DrawAsync();
        await _shop.Terminal.RefundAsync(1);

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.True(report.IsAllSent);
        Assert.Empty(report.Refunds);
        Assert.Single(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Keeps_its_pieces_from_coming_back_a_second_time()
    {
        await DrawAsync();
        _shop.Backend.IsDown = true;
        Due(await _shop.Terminal.RefundAsync(1, Shop.Loaves(4)));

        var again = Assert.IsType<RefundOutcome.Refused>(await _shop.Terminal.RefundAsync(1, Shop.Loaves(2)));
        Due(await _shop.Terminal.RefundAsync(1));

        Assert.Equal((RefundRefusal.BeyondDraw, 2), (again.Reason, _shop.Terminal.Status().RefundsDue));
    }

    [Fact]
    public async Task Goes_out_when_the_line_is_back()
    {
        await DrawAsync();
        _shop.Backend.IsDown = true;
        Due(await _shop.Terminal.RefundAsync(1));
        Assert.Equal((0, 1, 0L), (_shop.Terminal.Status().Unsent, _shop.Terminal.Status().RefundsDue, Refund().CitizenGetsMinor));

        _shop.Backend.IsDown = false;
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((0, 100L), (_shop.Terminal.Status().RefundsDue, Refund().CitizenGetsMinor));
        Assert.Single(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Is_sent_in_the_background_with_growing_pauses()
    {
        await DrawAsync();
        LoseAnswersOfRefunds();
        _shop.Terminal.StartSending();
        Due(await _shop.Terminal.RefundAsync(1));

        await CallAsync(2);
        _shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await CallAsync(3);
        _shop.Backend.After = _ => { };
        _shop.Clock.Advance(TimeSpan.FromMinutes(5));
        await CallAsync(4);
        while (_shop.Terminal.Status().RefundsDue > 0)
            await Task.Yield();

        Assert.Single(_shop.Backend.Refunds);

        // A call that is out and a pause that has begun: only then does moving the clock mean anything.
        async Task CallAsync(int count)
        {
            while (_shop.Backend.RefundCalls.Count < count || _shop.Clock.Waiting == 0)
                await Task.Yield();
        }
    }

    [Fact]
    public async Task Survives_the_death_of_the_process_before_the_call()
    {
        await DrawAsync();
        _shop.Backend.Before = method => Kill(method);
        await DieAsync();

        Assert.Empty(_shop.Backend.RefundCalls);
        Assert.Equal((1, RefundState.Due), (_shop.Terminal.Status().RefundsDue, Refund().State));
        Assert.True((await _shop.Terminal.SendUnsentAsync()).IsAllSent);
        Assert.Equal((RefundState.Recorded, Refund().RefundIdText), (Refund().State, Assert.Single(_shop.Backend.RefundCalls).RefundId));
    }

    [Fact]
    public async Task Survives_the_death_of_the_process_between_the_backends_decision_and_the_journal()
    {
        await DrawAsync();
        _shop.Backend.After = method => Kill(method);
        await DieAsync();

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(RefundState.Recorded, Refund().State);
        Assert.Equal(2, _shop.Backend.RefundCalls.Count);
        Assert.Single(_shop.Backend.RefundCalls.Distinct());
        Assert.Single(_shop.Backend.Refunds);
    }

    [Fact]
    public async Task Of_a_draw_without_a_line_follows_its_draw()
    {
        _shop.Backend.IsDown = true;
        await DrawAsync();
        Due(await _shop.Terminal.RefundAsync(1, Shop.Loaves(2)));
        _shop.Backend.IsDown = false;

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 40L, 0), (report.Presented, Assert.Single(report.Refunds).CitizenGetsMinor, report.Remaining));
        Assert.Equal(["Present", "Refund"], _shop.Backend.Calls.Where(method => method is "Present" or "Refund"));
    }

    [Fact]
    public async Task Of_a_draw_that_the_backend_does_not_acknowledge_is_held_back_with_it()
    {
        _shop.Backend.IsDown = true;
        await DrawAsync();
        _shop.Backend.IsDown = false;
        _shop.Backend.SignsWrongly = true;

        Due(await _shop.Terminal.RefundAsync(1));

        Assert.Empty(_shop.Backend.RefundCalls);
        Assert.Equal(2, (await _shop.Terminal.SendUnsentAsync()).Remaining);
    }

    [Fact]
    public async Task Of_a_draw_that_is_declined_when_it_is_presented_is_refused()
    {
        _shop.Backend.IsDown = true;
        await DrawAsync();
        Due(await _shop.Terminal.RefundAsync(1));
        _shop.Backend.IsDown = false;
        _shop.Backend.Decline = new Declined { Reason = DeclineReason.BeyondAllowance };

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(RefundRefusal.NotApproved, Refund().Refusal);
    }

    [Fact]
    public async Task Because_the_call_was_refused_stays_due_and_keeps_no_other_from_going()
    {
        await DrawAsync();
        await DrawAsync();
        _shop.Backend.Before = method =>
        {
            if (method == "Refund" && _shop.Backend.Calls.Count(call => call == "Refund") <= 2)
                throw FakeBackend.Refuse(RefusalReason.Busy, StatusCode.ResourceExhausted);
        };

        Due(await _shop.Terminal.RefundAsync(1));
        Assert.IsType<RefundOutcome.Recorded>(await _shop.Terminal.RefundAsync(2));

        Assert.Equal([(1L, RefundState.Due), (2L, RefundState.Recorded)], _shop.Terminal.RecentRefunds().Select(refund => (refund.Draw.Sequence, refund.State)));
    }

    [Fact]
    public async Task But_words_that_mean_nothing_stays_due()
    {
        await DrawAsync();
        IReadOnlyList<RefundResponse> meaningless =
        [
            new(),
            new() { Result = RefundResult.Recorded },
            new() { Result = RefundResult.Recorded, BusinessDate = new BusinessDate { Yyyymmdd = 2026_13_01 } },
            new() { Result = RefundResult.Recorded, BusinessDate = new BusinessDate { Yyyymmdd = 2026_11_22 }, CitizenGetsMinor = -1 },
        ];

        _shop.Backend.RefundAnswer = meaningless[0];
        Due(await _shop.Terminal.RefundAsync(1));
        foreach (var answer in meaningless)
        {
            _shop.Backend.RefundAnswer = answer;
            Assert.Equal(1, (await _shop.Terminal.SendUnsentAsync()).Remaining);
        }
    }

    [Fact]
    public async Task Refuses_a_Z_like_an_unsent_record_and_joins_the_next_batch_of_its_date_after_one_all_the_same()
    {
        await DrawAsync();
        LoseAnswersOfRefunds();
        Due(await _shop.Terminal.RefundAsync(1, Shop.Loaves(2)));

        Assert.Equal(1, Assert.IsType<CloseOutcome.RefusedUnsent>(await _shop.Terminal.CloseBatchAsync()).Report.Unsent);
        Assert.IsType<CloseOutcome.Closed>(await _shop.Terminal.CloseBatchAsync(evenIfUnsent: true));
        _shop.Backend.After = _ => { };
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((0, 0), (_shop.Terminal.ReadBatch(1)!.Refunds, _shop.Terminal.ReadBatch(1)!.Unsent));
        Assert.Equal((2, 1, 40L), (_shop.Terminal.ReadBatch()!.Number, _shop.Terminal.ReadBatch()!.Refunds, _shop.Terminal.ReadBatch()!.CitizensGotBackMinor));
    }

    [Fact]
    public async Task Takes_no_offline_draw_away_from_the_next_citizen()
    {
        await DrawAsync();
        _shop.Backend.IsDown = true;
        for (var refund = 0; refund < 5; refund++)
            Due(await _shop.Terminal.RefundAsync(1, Shop.Loaves(1)));

        Assert.Equal(Tap.TapOutcomeKind.ApprovedOffline, (await _shop.TapAsync(_card, Shop.Loaves(5))).Outcome.Kind);
    }

    private async Task DrawAsync() => Assert.True((await _shop.TapAsync(_card, Shop.Loaves(5))).Outcome.IsApproved);

    private async Task DieAsync()
    {
        await Assert.ThrowsAsync<ProcessKilledException>(() => _shop.Terminal.RefundAsync(1));
        (_shop.Backend.Before, _shop.Backend.After) = (_ => { }, _ => { });
        await _shop.DieAndRestartAsync();
    }

    private RefundEntry Refund() => _shop.Terminal.Journal.FindRefund(1)!;

    private void LoseAnswersOfRefunds() => _shop.Backend.After = method =>
    {
        if (method == "Refund")
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "No answer in time."));
    };

    private static void Due(RefundOutcome outcome) => Assert.Equal(RefundState.Due, Assert.IsType<RefundOutcome.Due>(outcome).Refund.State);

    private static void Kill(string method)
    {
        if (method == "Refund")
            throw new ProcessKilledException();
    }
}
