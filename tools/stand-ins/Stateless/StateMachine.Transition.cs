namespace Stateless;

public partial class StateMachine<TState, TTrigger>
{
    /// <summary>A change of state under way.</summary>
    public class Transition
    {
        public Transition(TState source, TState destination, TTrigger trigger, object?[]? parameters = null)
        {
            Source = source;
            Destination = destination;
            Trigger = trigger;
            Parameters = parameters ?? [];
        }

        public TState Source { get; }

        public TState Destination { get; }

        public TTrigger Trigger { get; }

        public object?[] Parameters { get; }

        public bool IsReentry => Source.Equals(Destination);
    }

    /// <summary>A trigger and the types of what is handed over with it.</summary>
    public abstract class TriggerWithParameters
    {
        private readonly Type[] _types;

        protected TriggerWithParameters(TTrigger underlyingTrigger, params Type[] argumentTypes)
        {
            Trigger = underlyingTrigger;
            _types = argumentTypes;
        }

        public TTrigger Trigger { get; }

        internal void Validate(object?[] arguments)
        {
            if (arguments.Length != _types.Length)
            {
                throw new ArgumentException($"Trigger '{Trigger}' takes {_types.Length} parameters, not {arguments.Length}.");
            }
        }
    }

    public class TriggerWithParameters<TArg0>(TTrigger underlyingTrigger) :
        TriggerWithParameters(underlyingTrigger, typeof(TArg0));

    public class TriggerWithParameters<TArg0, TArg1>(TTrigger underlyingTrigger) :
        TriggerWithParameters(underlyingTrigger, typeof(TArg0), typeof(TArg1));
}
