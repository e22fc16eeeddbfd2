namespace Stateless;

public partial class StateMachine<TState, TTrigger>
{
    /// <summary>The declarations of one state; each returns this object, so that they can be chained.</summary>
    public class StateConfiguration
    {
        private readonly StateRules _rules;

        internal StateConfiguration(StateMachine<TState, TTrigger> machine, StateRules rules)
        {
            Machine = machine;
            _rules = rules;
        }

        public TState State => _rules.State;

        public StateMachine<TState, TTrigger> Machine { get; }

        public StateConfiguration Permit(TTrigger trigger, TState destinationState) =>
            Add(trigger, new Rule(RuleKind.Move, Elsewhere(destinationState)));

        public StateConfiguration PermitIf(TTrigger trigger, TState destinationState, Func<bool> guard, string? guardDescription = null) =>
            Add(trigger, new Rule(RuleKind.Move, Elsewhere(destinationState), _ => guard(), guardDescription));

        public StateConfiguration PermitIf<TArg0>(TriggerWithParameters<TArg0> trigger, TState destinationState, Func<TArg0, bool> guard, string? guardDescription = null) =>
            Add(trigger.Trigger, new Rule(RuleKind.Move, Elsewhere(destinationState), arguments => guard(Argument<TArg0>(arguments, 0)), guardDescription));

        /// <summary>Leaves the state and enters it again.</summary>
        public StateConfiguration PermitReentry(TTrigger trigger) => Add(trigger, new Rule(RuleKind.Reenter, State));

        /// <summary>Accepts the trigger and does nothing.</summary>
        public StateConfiguration Ignore(TTrigger trigger) => Add(trigger, new Rule(RuleKind.Ignore));

        /// <summary>Acts on the trigger without leaving the state.</summary>
        public StateConfiguration InternalTransition(TTrigger trigger, Action internalAction) =>
            InternalTransition(trigger, _ => internalAction());

        public StateConfiguration InternalTransition(TTrigger trigger, Action<Transition> internalAction) =>
            Add(trigger, new Rule(RuleKind.Internal) { InternalAction = internalAction });

        public StateConfiguration OnEntry(Action entryAction, string? entryActionDescription = null) =>
            OnEntry(_ => entryAction(), entryActionDescription);

        public StateConfiguration OnEntry(Action<Transition> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(entryAction));

        public StateConfiguration OnEntryAsync(Func<Task> entryAction, string? entryActionDescription = null) =>
            OnEntryAsync(_ => entryAction(), entryActionDescription);

        public StateConfiguration OnEntryAsync(Func<Transition, Task> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(entryAction));

        /// <summary>Acts on entry, but only when this trigger led here.</summary>
        public StateConfiguration OnEntryFrom(TTrigger trigger, Action entryAction, string? entryActionDescription = null) =>
            OnEntryFrom(trigger, _ => entryAction(), entryActionDescription);

        public StateConfiguration OnEntryFrom(TTrigger trigger, Action<Transition> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(entryAction, trigger));

        public StateConfiguration OnEntryFrom<TArg0>(TriggerWithParameters<TArg0> trigger, Action<TArg0> entryAction, string? entryActionDescription = null) =>
            OnEntryFrom(trigger, (TArg0 argument, Transition _) => entryAction(argument), entryActionDescription);

        public StateConfiguration OnEntryFrom<TArg0>(TriggerWithParameters<TArg0> trigger, Action<TArg0, Transition> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(transition => entryAction(Argument<TArg0>(transition.Parameters, 0), transition), trigger.Trigger));

        public StateConfiguration OnEntryFrom<TArg0, TArg1>(TriggerWithParameters<TArg0, TArg1> trigger, Action<TArg0, TArg1> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(
                transition => entryAction(Argument<TArg0>(transition.Parameters, 0), Argument<TArg1>(transition.Parameters, 1)),
                trigger.Trigger));

        public StateConfiguration OnEntryFromAsync<TArg0>(TriggerWithParameters<TArg0> trigger, Func<TArg0, Task> entryAction, string? entryActionDescription = null) =>
            AddEntry(new Step(transition => entryAction(Argument<TArg0>(transition.Parameters, 0)), trigger.Trigger));

        public StateConfiguration OnExit(Action exitAction, string? exitActionDescription = null) =>
            OnExit(_ => exitAction(), exitActionDescription);

        public StateConfiguration OnExit(Action<Transition> exitAction, string? exitActionDescription = null)
        {
            _rules.ExitSteps.Add(new Step(exitAction));
            return this;
        }

        /// <summary>Declares this state a part of another: it answers to that state's triggers too, and does not leave it by changing within it.</summary>
        public StateConfiguration SubstateOf(TState superstate)
        {
            var rules = Machine.RulesOf(superstate);
            if (_rules.Includes(rules))
            {
                throw new ArgumentException($"State '{superstate}' is a part of '{State}', so it cannot contain it.", nameof(superstate));
            }
            _rules.Superstate = rules;
            return this;
        }

        private TState Elsewhere(TState destination) => destination.Equals(State)
            ? throw new ArgumentException($"State '{State}' may lead to itself only by {nameof(PermitReentry)} or {nameof(Ignore)}.")
            : destination;

        private StateConfiguration Add(TTrigger trigger, Rule rule)
        {
            _rules.Add(trigger, rule);
            return this;
        }

        private StateConfiguration AddEntry(Step step)
        {
            _rules.EntrySteps.Add(step);
            return this;
        }

        private static TArg Argument<TArg>(object?[] arguments, int index) =>
            index < arguments.Length
                ? (TArg)arguments[index]!
                : throw new ArgumentException($"Parameter {index} of type {typeof(TArg)} was not supplied.");
    }
}
