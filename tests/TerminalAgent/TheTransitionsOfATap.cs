using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Tests;

public sealed class TheTransitionsOfATap
{
    [Fact]
    public void Are_all_in_one_table_and_every_other_is_refused()
    {
        var declared = TapTable.Transitions.Select(row => (row.From, row.Trigger)).ToHashSet();
        foreach (var state in Enum.GetValues<TapState>())
        {
            foreach (var trigger in Enum.GetValues<TapTrigger>())
            {
                var machine = At(state);
                Assert.Equal(declared.Contains((state, trigger)), machine.CanFire(trigger));
                if (!declared.Contains((state, trigger)))
                    Assert.Throws<InvalidOperationException>(() => machine.Fire(trigger));
            }
        }
    }

    [Fact]
    public void Reach_every_state_and_end_everywhere()
    {
        foreach (var state in Enum.GetValues<TapState>())
        {
            Assert.True(IsReachable(TapState.Selecting, state), $"{state} is never reached.");
            Assert.True(IsReachable(state, TapState.Ended), $"A tap in {state} never ends.");
        }
    }

    [Fact]
    public void Never_return_to_a_state()
    {
        // A tap goes forward only: so it is bounded by its number of states.
        Assert.All(TapTable.Transitions, row => Assert.False(IsReachable(row.To, row.From), $"{row.From} comes again after {row.To}."));
    }

    [Fact]
    public void Commit_only_after_the_intent_and_authorise_only_after_the_record()
    {
        Assert.Equal([TapState.RecordingIntent], Before(TapState.Committing));
        Assert.Equal([TapState.RecordingCommit], Before(TapState.Authorising));
        Assert.Equal([TapState.RecordingOutcome], Before(TapState.Relaying));

        static IEnumerable<TapState> Before(TapState state) => TapTable.Transitions.Where(row => row.To == state).Select(row => row.From);
    }

    [Fact]
    public void Of_a_journal_entry_lead_from_intent_to_something_that_the_backend_has_or_that_never_was()
    {
        var states = Enum.GetValues<EntryState>();
        var final = states.Where(state => !states.Any(next => EntryLifeCycle.Allows(state, next)));

        Assert.Equal([EntryState.NotCommitted, EntryState.Declined, EntryState.Reversed, EntryState.Presented], final);
        Assert.DoesNotContain(final, EntryLifeCycle.IsUnsent);
    }

    private static Stateless.StateMachine<TapState, TapTrigger> At(TapState state)
    {
        var machine = new Stateless.StateMachine<TapState, TapTrigger>(state);
        foreach (var (from, trigger, to) in TapTable.Transitions)
            machine.Configure(from).Permit(trigger, to);
        return machine;
    }

    private static bool IsReachable(TapState from, TapState to)
    {
        var (seen, open) = (new HashSet<TapState>(), new Queue<TapState>([from]));
        while (open.TryDequeue(out var state))
        {
            if (state == to)
                return true;
            foreach (var row in TapTable.Transitions.Where(row => row.From == state && seen.Add(row.To)))
                open.Enqueue(row.To);
        }

        return false;
    }
}
