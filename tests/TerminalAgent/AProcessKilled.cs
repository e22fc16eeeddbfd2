using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>
/// The terminal's process dies between two steps of the journal and starts again on the same folder:
/// <list type="bullet">
/// <item>after the intent, before the card heard of it</item>
/// <item>after the card committed, before the record was written</item>
/// <item>after the record, before the backend heard of it</item>
/// <item>after the backend decided, before the outcome was written</item>
/// <item>after the outcome, while the issuer's orders were relayed</item>
/// <item>while reversals and presentments were being acknowledged</item>
/// </list>
/// </summary>
public sealed class AProcessKilled : IAsyncLifetime
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
    public async Task After_the_intent_finds_a_torn_draw_that_the_card_never_made()
    {
        _shop.Insert(_card).KillTerminalAt(Instruction.GenerateApplicationCryptogram, after: false);
        await DieAsync();

        Assert.Equal(new RecoveryReport(Torn: 1, ReversalsDue: 0), _shop.Terminal.Recovery);
        Assert.Equal((EntryState.Torn, "restart"), _shop.Terminal.Journal.EventsOf(1)[^1]);

        Assert.Equal(TapOutcomeKind.Approved, (await _shop.TapAsync(_card, Shop.Loaves(5))).Outcome.Kind);
        Assert.Equal(EntryState.NotCommitted, _shop.Terminal.Journal.Find(1)!.State);
    }

    [Fact]
    public async Task After_the_card_committed_offline_finds_the_record_on_the_card()
    {
        _shop.Backend.IsDown = true;
        _shop.Insert(_card).KillTerminalAt(Instruction.GenerateApplicationCryptogram, after: true);
        await DieAsync();

        Assert.Equal(1, _shop.Terminal.Recovery.Torn);
        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.ApprovedOffline, true), (result.Outcome.Kind, result.IsRecovered));
        _shop.Backend.IsDown = false;
        Assert.Equal(1, (await _shop.Terminal.SendUnsentAsync()).Presented);
    }

    [Fact]
    public async Task After_the_record_reverses_what_the_backend_never_heard_of()
    {
        _shop.Insert(_card);
        _shop.Backend.Before = method => Kill(method, "Authorise");
        await DieAsync();

        Assert.Equal(new RecoveryReport(Torn: 0, ReversalsDue: 1), _shop.Terminal.Recovery);
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal(
            (EntryState.Reversed, ReversalReason.TerminalRestart, ReversalResult.NothingToUndo),
            (Entry(1).State, Entry(1).ReversalReason, Entry(1).ReversalResult));
    }

    [Fact]
    public async Task After_the_backend_decided_undoes_the_draw_whose_outcome_nobody_saw()
    {
        _shop.Insert(_card);
        _shop.Backend.After = method => Kill(method, "Authorise");
        await DieAsync();

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((EntryState.Reversed, ReversalResult.Undone), (Entry(1).State, Entry(1).ReversalResult));
    }

    [Fact]
    public async Task While_orders_are_relayed_keeps_the_approved_draw()
    {
        _shop.Backend.Scripts.Add(_card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 30, 30));
        _shop.Insert(_card).KillTerminalAt(Instruction.PutData, after: false);
        await DieAsync();

        Assert.Equal(default, _shop.Terminal.Recovery);
        Assert.Equal(EntryState.Approved, Entry(1).State);
        Assert.True(_shop.Terminal.Reprint()!.IsApproved);
    }

    [Fact]
    public async Task While_a_reversal_is_acknowledged_sends_it_again()
    {
        _shop.Insert(_card);
        _shop.Backend.After = method => Kill(method, "Authorise");
        await DieAsync();
        _shop.Backend.After = method => Kill(method, "Reverse");
        await Assert.ThrowsAsync<ProcessKilledException>(() => _shop.Terminal.SendUnsentAsync());
        _shop.Backend.After = _ => { };
        await _shop.DieAndRestartAsync();

        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((EntryState.Reversed, 2), (Entry(1).State, _shop.Backend.ReversalAdvices.Count));
    }

    [Fact]
    public async Task While_a_presentment_is_acknowledged_sends_it_again_and_is_paid_once()
    {
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(_card, Shop.Loaves(5));
        _shop.Backend.IsDown = false;
        _shop.Backend.After = method => Kill(method, "Present");
        await Assert.ThrowsAsync<ProcessKilledException>(() => _shop.Terminal.SendUnsentAsync());
        _shop.Backend.After = _ => { };
        await _shop.DieAndRestartAsync();

        var report = await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((1, 0), (report.Presented, report.Remaining));
        Assert.Equal((2, 1), (_shop.Backend.Presented.Count, _shop.Backend.Outcomes.Count));
    }

    private async Task DieAsync()
    {
        await Assert.ThrowsAsync<ProcessKilledException>(() => _shop.Terminal.TapAsync(Shop.Loaves(5)));
        _shop.RemoveCard();
        (_shop.Backend.Before, _shop.Backend.After) = (_ => { }, _ => { });
        await _shop.DieAndRestartAsync();
    }

    private JournalEntry Entry(long number) => _shop.Terminal.Journal.Find(number)!;

    private static void Kill(string method, string at)
    {
        if (method == at)
            throw new ProcessKilledException();
    }
}
