namespace Stateless;

/// <summary>
/// A machine whose every transition is declared beforehand with <see cref="Configure"/>. A trigger fired from inside an
/// action waits until the transition under way is complete. Not thread-safe.
/// </summary>
public partial class StateMachine<TState, TTrigger>
    where TState : notnull
    where TTrigger : notnull
{
    private readonly Func<TState> _read;
    private readonly Action<TState> _write;
    private readonly Dictionary<TState, StateRules> _rules = [];
    private readonly Dictionary<TTrigger, TriggerWithParameters> _parameters = [];
    private readonly Queue<(TTrigger Trigger, object?[] Arguments)> _fired = [];
    private Action<TState, TTrigger, ICollection<string>> _onUnhandled = Refuse;
    private Action<Transition>? _onTransitioned;
    private bool _isFiring;

    public StateMachine(TState initialState)
    {
        var state = initialState;
        _read = () => state;
        _write = next => state = next;
    }

    /// <summary>Keeps the state elsewhere, for instance in a row of a table.</summary>
    public StateMachine(Func<TState> stateAccessor, Action<TState> stateMutator)
    {
        ArgumentNullException.ThrowIfNull(stateAccessor);
        ArgumentNullException.ThrowIfNull(stateMutator);
        _read = stateAccessor;
        _write = stateMutator;
    }

    public TState State => _read();

    /// <summary>Triggers that <see cref="CanFire(TTrigger)"/> accepts now, ignored ones included.</summary>
    public IEnumerable<TTrigger> PermittedTriggers => GetPermittedTriggers();

    public IEnumerable<TTrigger> GetPermittedTriggers(params object[] args) => RulesOf(State).PermittedTriggers(args);

    public StateConfiguration Configure(TState state) => new(this, RulesOf(state));

    public bool IsInState(TState state) => RulesOf(state).Includes(RulesOf(State));

    public bool CanFire(TTrigger trigger) => RulesOf(State).Find(trigger, []).Rule is not null;

    public bool CanFire<TArg0>(TriggerWithParameters<TArg0> trigger, TArg0 arg0) =>
        RulesOf(State).Find(trigger.Trigger, [arg0]).Rule is not null;

    /// <summary>Throws <see cref="InvalidOperationException"/> when the state has no rule for the trigger, unless <see cref="OnUnhandledTrigger(Action{TState, TTrigger})"/> says otherwise.</summary>
    public void Fire(TTrigger trigger) => FireSynchronously(trigger, []);

    public void Fire<TArg0>(TriggerWithParameters<TArg0> trigger, TArg0 arg0) => FireSynchronously(trigger.Trigger, [arg0]);

    public void Fire<TArg0, TArg1>(TriggerWithParameters<TArg0, TArg1> trigger, TArg0 arg0, TArg1 arg1) =>
        FireSynchronously(trigger.Trigger, [arg0, arg1]);

    /// <summary>As <see cref="Fire(TTrigger)"/>; needed as soon as a state on the way has an asynchronous action.</summary>
    public Task FireAsync(TTrigger trigger) => FireInOrder(trigger, [], mayAwait: true);

    public Task FireAsync<TArg0>(TriggerWithParameters<TArg0> trigger, TArg0 arg0) =>
        FireInOrder(trigger.Trigger, [arg0], mayAwait: true);

    public Task FireAsync<TArg0, TArg1>(TriggerWithParameters<TArg0, TArg1> trigger, TArg0 arg0, TArg1 arg1) =>
        FireInOrder(trigger.Trigger, [arg0, arg1], mayAwait: true);

    /// <summary>Declares what is handed over when the trigger is fired; once per trigger.</summary>
    public TriggerWithParameters<TArg0> SetTriggerParameters<TArg0>(TTrigger trigger) =>
        Declare(new TriggerWithParameters<TArg0>(trigger));

    public TriggerWithParameters<TArg0, TArg1> SetTriggerParameters<TArg0, TArg1>(TTrigger trigger) =>
        Declare(new TriggerWithParameters<TArg0, TArg1>(trigger));

    /// <summary>Called after the state has changed and before the new state's entry actions.</summary>
    public void OnTransitioned(Action<Transition> onTransitionAction) => _onTransitioned += onTransitionAction;

    /// <summary>Replaces the exception that an undeclared trigger is otherwise answered with.</summary>
    public void OnUnhandledTrigger(Action<TState, TTrigger> unhandledTriggerAction) =>
        _onUnhandled = (state, trigger, _) => unhandledTriggerAction(state, trigger);

    /// <summary>As <see cref="OnUnhandledTrigger(Action{TState, TTrigger})"/>, with the descriptions of the guards that said no.</summary>
    public void OnUnhandledTrigger(Action<TState, TTrigger, ICollection<string>> unhandledTriggerAction) =>
        _onUnhandled = unhandledTriggerAction;

    // Every step completes synchronously when none may await, so this never blocks.
    private void FireSynchronously(TTrigger trigger, object?[] arguments) =>
        FireInOrder(trigger, arguments, mayAwait: false).GetAwaiter().GetResult();

    private async Task FireInOrder(TTrigger trigger, object?[] arguments, bool mayAwait)
    {
        _fired.Enqueue((trigger, arguments));
        if (_isFiring)
        {
            return;
        }
        _isFiring = true;
        try
        {
            while (_fired.TryDequeue(out var next))
            {
                await Handle(next.Trigger, next.Arguments, mayAwait).ConfigureAwait(false);
            }
        }
        finally
        {
            _isFiring = false;
        }
    }

    private async Task Handle(TTrigger trigger, object?[] arguments, bool mayAwait)
    {
        if (_parameters.TryGetValue(trigger, out var declared))
        {
            declared.Validate(arguments);
        }
        var source = State;
        var (rule, unmetGuards) = RulesOf(source).Find(trigger, arguments);
        switch (rule)
        {
            case null:
                _onUnhandled(source, trigger, unmetGuards);
                break;
            case { Kind: RuleKind.Internal }:
                rule.InternalAction!(new Transition(source, source, trigger, arguments));
                break;
            case { Kind: RuleKind.Move or RuleKind.Reenter }:
                var transition = new Transition(source, rule.Destination!, trigger, arguments);
                await Move(transition, rule.Kind == RuleKind.Reenter, mayAwait).ConfigureAwait(false);
                break;
        }
    }

    private async Task Move(Transition transition, bool isReentry, bool mayAwait)
    {
        var (source, destination) = (RulesOf(transition.Source), RulesOf(transition.Destination));
        await source.Exit(transition, destination, isReentry, mayAwait).ConfigureAwait(false);
        _write(transition.Destination);
        _onTransitioned?.Invoke(transition);
        await destination.Enter(transition, source, isReentry, mayAwait).ConfigureAwait(false);
    }

    private StateRules RulesOf(TState state)
    {
        if (!_rules.TryGetValue(state, out var rules))
        {
            _rules[state] = rules = new StateRules(state);
        }
        return rules;
    }

    private T Declare<T>(T trigger)
        where T : TriggerWithParameters =>
        _parameters.TryAdd(trigger.Trigger, trigger)
            ? trigger
            : throw new InvalidOperationException($"Parameters for the trigger '{trigger.Trigger}' have already been configured.");

    private static void Refuse(TState state, TTrigger trigger, ICollection<string> unmetGuards) =>
        throw new InvalidOperationException(unmetGuards.Count == 0
            ? $"No transition leads from state '{state}' on trigger '{trigger}'."
            : $"Trigger '{trigger}' is not allowed in state '{state}' now: {string.Join(", ", unmetGuards)}.");
}
