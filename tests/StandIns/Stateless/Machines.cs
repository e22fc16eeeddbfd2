using Stateless;

namespace SmartCard.StandIns.Tests.Stateless;

// A turnstile with a cash box, as Stateless would run it:
//   declared, undeclared, guarded, ignored, internal and re-entering triggers; parameters; superstates; the order of actions;
//   triggers fired from inside an action; state kept elsewhere; asynchronous actions.
public sealed class Machines
{
    private readonly List<string> _log = [];

    private enum State
    {
        Closed,
        Open,
        Blocked,
        OutOfOrder,
        UnderRepair,
    }

    private enum Trigger
    {
        Coin,
        Pass,
        Kick,
        Break,
        Repair,
        Finish,
    }

    [Fact]
    public void Follow_a_declared_transition()
    {
        var machine = Turnstile();

        machine.Fire(Trigger.Coin);

        Assert.Equal(State.Open, machine.State);
    }

    [Fact]
    public void Refuse_an_undeclared_trigger_and_stay_where_they_are()
    {
        var machine = Turnstile();

        Assert.Throws<InvalidOperationException>(() => machine.Fire(Trigger.Pass));

        Assert.Equal(State.Closed, machine.State);
    }

    [Fact]
    public void Hand_an_undeclared_trigger_to_whoever_asked_for_it()
    {
        var machine = Turnstile();
        machine.OnUnhandledTrigger((state, trigger) => _log.Add($"{state} {trigger}"));

        machine.Fire(Trigger.Pass);

        Assert.Equal(["Closed Pass"], _log);
    }

    [Fact]
    public void Tell_which_guard_said_no()
    {
        var machine = new StateMachine<State, Trigger>(State.Closed);
        machine.Configure(State.Closed).PermitIf(Trigger.Coin, State.Open, () => false, "the coin is genuine");

        var refusal = Assert.Throws<InvalidOperationException>(() => machine.Fire(Trigger.Coin));

        Assert.Contains("the coin is genuine", refusal.Message, StringComparison.Ordinal);
        Assert.False(machine.CanFire(Trigger.Coin));
    }

    [Fact]
    public void Choose_by_guard_and_insist_that_guards_exclude_each_other()
    {
        var isNight = false;
        var machine = new StateMachine<State, Trigger>(State.Closed);
        machine.Configure(State.Closed)
            .PermitIf(Trigger.Coin, State.Open, () => !isNight)
            .PermitIf(Trigger.Coin, State.Blocked, () => true);

        Assert.Throws<InvalidOperationException>(() => machine.Fire(Trigger.Coin));
        isNight = true;
        machine.Fire(Trigger.Coin);

        Assert.Equal(State.Blocked, machine.State);
    }

    [Fact]
    public void Choose_by_what_is_handed_over()
    {
        var machine = new StateMachine<State, Trigger>(State.Closed);
        var coin = machine.SetTriggerParameters<int>(Trigger.Coin);
        machine.Configure(State.Closed).PermitIf(coin, State.Open, piastres => piastres >= 20);
        machine.Configure(State.Open).OnEntryFrom(coin, piastres => _log.Add($"paid {piastres}"));

        Assert.False(machine.CanFire(coin, 5));
        machine.Fire(coin, 20);

        Assert.Equal(["paid 20"], _log);
        Assert.Throws<InvalidOperationException>(() => machine.SetTriggerParameters<int>(Trigger.Coin));
    }

    [Fact]
    public void Refuse_a_trigger_fired_without_its_parameters()
    {
        var machine = Turnstile();
        machine.SetTriggerParameters<int>(Trigger.Coin);

        Assert.Throws<ArgumentException>(() => machine.Fire(Trigger.Coin));
    }

    [Fact]
    public void Exit_then_change_then_announce_then_enter()
    {
        var machine = Turnstile();
        machine.Configure(State.Closed).OnExit(() => _log.Add($"exit in {machine.State}"));
        machine.Configure(State.Open).OnEntry(move => _log.Add($"enter from {move.Source} by {move.Trigger}"));
        machine.OnTransitioned(move => _log.Add($"to {move.Destination} in {machine.State}"));

        machine.Fire(Trigger.Coin);

        Assert.Equal(["exit in Closed", "to Open in Open", "enter from Closed by Coin"], _log);
    }

    [Fact]
    public void Do_nothing_on_an_ignored_trigger()
    {
        var machine = Turnstile();
        machine.Configure(State.Closed).OnExit(() => _log.Add("exit"));

        machine.Fire(Trigger.Kick);

        Assert.Equal(State.Closed, machine.State);
        Assert.Empty(_log);
        Assert.True(machine.CanFire(Trigger.Kick));
    }

    [Fact]
    public void Run_exit_and_entry_on_re_entry_but_not_on_an_internal_transition()
    {
        var machine = new StateMachine<State, Trigger>(State.Open);
        machine.Configure(State.Open)
            .PermitReentry(Trigger.Coin)
            .InternalTransition(Trigger.Kick, () => _log.Add("kicked"))
            .OnEntry(() => _log.Add("enter"))
            .OnExit(() => _log.Add("exit"));

        machine.Fire(Trigger.Kick);
        machine.Fire(Trigger.Coin);

        Assert.Equal(["kicked", "exit", "enter"], _log);
    }

    [Fact]
    public void Do_not_let_a_plain_transition_lead_back_to_its_own_state()
    {
        var machine = new StateMachine<State, Trigger>(State.Open);

        Assert.Throws<ArgumentException>(() => machine.Configure(State.Open).Permit(Trigger.Coin, State.Open));
    }

    [Fact]
    public void Answer_in_a_substate_for_its_superstate_without_leaving_it()
    {
        var machine = Turnstile();
        machine.Configure(State.OutOfOrder).OnEntry(() => _log.Add("enter out of order")).OnExit(() => _log.Add("exit out of order"));
        machine.Configure(State.UnderRepair).OnEntry(() => _log.Add("enter repair")).OnExit(() => _log.Add("exit repair"));

        machine.Fire(Trigger.Break);
        machine.Fire(Trigger.Repair);
        Assert.True(machine.IsInState(State.OutOfOrder));
        machine.Fire(Trigger.Finish);

        Assert.Equal(["enter out of order", "enter repair", "exit repair", "exit out of order"], _log);
        Assert.Equal(State.Closed, machine.State);
    }

    [Fact]
    public void List_the_triggers_that_may_be_fired_now()
    {
        var machine = Turnstile();

        Assert.Equal([Trigger.Coin, Trigger.Kick, Trigger.Break], machine.PermittedTriggers);
    }

    [Fact]
    public void Finish_one_transition_before_the_next_is_begun()
    {
        var machine = Turnstile();
        machine.Configure(State.Open)
            .OnEntry(() =>
            {
                machine.Fire(Trigger.Pass);
                _log.Add($"still {machine.State}");
            });

        machine.Fire(Trigger.Coin);

        Assert.Equal(["still Open"], _log);
        Assert.Equal(State.Closed, machine.State);
    }

    [Fact]
    public void Keep_their_state_where_they_are_told()
    {
        var row = new { State = new State[1] };
        var machine = new StateMachine<State, Trigger>(() => row.State[0], state => row.State[0] = state);
        machine.Configure(State.Closed).Permit(Trigger.Coin, State.Open);

        machine.Fire(Trigger.Coin);

        Assert.Equal(State.Open, row.State[0]);
    }

    [Fact]
    public async Task Await_asynchronous_actions_and_refuse_to_block_on_them()
    {
        var machine = Turnstile();
        machine.Configure(State.Open).OnEntryAsync(async () =>
        {
            await Task.Yield();
            _log.Add("entered");
        });

        Assert.Throws<InvalidOperationException>(() => machine.Fire(Trigger.Coin));
        machine.Fire(Trigger.Pass);
        await machine.FireAsync(Trigger.Coin);

        Assert.Equal(["entered"], _log);
    }

    private static StateMachine<State, Trigger> Turnstile()
    {
        var machine = new StateMachine<State, Trigger>(State.Closed);
        machine.Configure(State.Closed)
            .Permit(Trigger.Coin, State.Open)
            .Ignore(Trigger.Kick)
            .Permit(Trigger.Break, State.OutOfOrder);
        machine.Configure(State.Open).Permit(Trigger.Pass, State.Closed);
        machine.Configure(State.OutOfOrder)
            .Permit(Trigger.Repair, State.UnderRepair)
            .Permit(Trigger.Finish, State.Closed);
        machine.Configure(State.UnderRepair).SubstateOf(State.OutOfOrder);
        return machine;
    }
}
