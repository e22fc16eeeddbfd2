namespace Stateless;

public partial class StateMachine<TState, TTrigger>
{
    internal enum RuleKind
    {
        Move,
        Reenter,
        Internal,
        Ignore,
    }

    /// <summary>What one state does on one trigger, and when.</summary>
    internal sealed record Rule(RuleKind Kind, TState? Destination = default, Func<object?[], bool>? Guard = null, string? GuardDescription = null)
    {
        public Action<Transition>? InternalAction { get; init; }

        public bool Allows(object?[] arguments) => Guard is null || Guard(arguments);
    }

    /// <summary>An action of a state, on every transition or on one trigger's.</summary>
    internal sealed class Step
    {
        private readonly Action<Transition>? _act;
        private readonly Func<Transition, Task>? _actAsync;
        private readonly bool _isForOneTrigger;
        private readonly TTrigger? _trigger;

        public Step(Action<Transition> act)
        {
            _act = act;
        }

        public Step(Func<Transition, Task> actAsync)
        {
            _actAsync = actAsync;
        }

        public Step(Action<Transition> act, TTrigger trigger)
            : this(act)
        {
            (_isForOneTrigger, _trigger) = (true, trigger);
        }

        public Step(Func<Transition, Task> actAsync, TTrigger trigger)
            : this(actAsync)
        {
            (_isForOneTrigger, _trigger) = (true, trigger);
        }

        public Task Run(Transition transition, TState state, bool mayAwait)
        {
            if (_isForOneTrigger && !transition.Trigger.Equals(_trigger))
            {
                return Task.CompletedTask;
            }
            if (_actAsync is null)
            {
                _act!(transition);
                return Task.CompletedTask;
            }
            return mayAwait
                ? _actAsync(transition)
                : throw new InvalidOperationException($"State '{state}' has an asynchronous action: fire with {nameof(FireAsync)}.");
        }
    }

    /// <summary>Everything declared about one state.</summary>
    internal sealed class StateRules(TState state)
    {
        private readonly Dictionary<TTrigger, List<Rule>> _rules = [];

        public TState State { get; } = state;

        public StateRules? Superstate { get; set; }

        public List<Step> EntrySteps { get; } = [];

        public List<Step> ExitSteps { get; } = [];

        public bool Includes(StateRules other) =>
            other == this || (other.Superstate is not null && Includes(other.Superstate));

        public void Add(TTrigger trigger, Rule rule)
        {
            if (!_rules.TryGetValue(trigger, out var rules))
            {
                _rules[trigger] = rules = [];
            }
            rules.Add(rule);
        }

        /// <summary>The one rule that applies: the state's own, else its superstate's; and which guards said no on the way.</summary>
        public (Rule? Rule, List<string> UnmetGuards) Find(TTrigger trigger, object?[] arguments)
        {
            var unmetGuards = new List<string>();
            for (var rules = this; rules is not null; rules = rules.Superstate)
            {
                if (!rules._rules.TryGetValue(trigger, out var candidates))
                {
                    continue;
                }
                var allowed = candidates.FindAll(rule => rule.Allows(arguments));
                switch (allowed.Count)
                {
                    case 1:
                        return (allowed[0], []);
                    case > 1:
                        throw new InvalidOperationException($"State '{rules.State}' has several rules that apply on trigger '{trigger}': guards must exclude each other.");
                }
                unmetGuards.AddRange(candidates.Select(rule => rule.GuardDescription ?? "a guard without a description"));
            }
            return (null, unmetGuards);
        }

        public IEnumerable<TTrigger> PermittedTriggers(object?[] arguments)
        {
            var own = _rules.Where(entry => entry.Value.Exists(rule => rule.Allows(arguments))).Select(entry => entry.Key);
            return own.Union(Superstate?.PermittedTriggers(arguments) ?? []).ToArray();
        }

        /// <summary>Exit actions, from the inside out, as far as the destination is outside.</summary>
        public async Task Exit(Transition transition, StateRules destination, bool isReentry, bool mayAwait)
        {
            for (var left = this; left is not null && !left.Includes(destination); left = left.Superstate)
            {
                await RunAll(left.ExitSteps, transition, left.State, mayAwait).ConfigureAwait(false);
            }
            if (isReentry)
            {
                await RunAll(destination.ExitSteps, transition, destination.State, mayAwait).ConfigureAwait(false);
            }
        }

        /// <summary>Entry actions, from the outside in, as far as the source was outside.</summary>
        public async Task Enter(Transition transition, StateRules source, bool isReentry, bool mayAwait)
        {
            var entered = new Stack<StateRules>();
            for (var rules = this; rules is not null && !rules.Includes(source); rules = rules.Superstate)
            {
                entered.Push(rules);
            }
            if (isReentry)
            {
                entered.Push(this);
            }
            foreach (var rules in entered)
            {
                await RunAll(rules.EntrySteps, transition, rules.State, mayAwait).ConfigureAwait(false);
            }
        }

        private static async Task RunAll(List<Step> steps, Transition transition, TState state, bool mayAwait)
        {
            foreach (var step in steps)
            {
                await step.Run(transition, state, mayAwait).ConfigureAwait(false);
            }
        }
    }
}
