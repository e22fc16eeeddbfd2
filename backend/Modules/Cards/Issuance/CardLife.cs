using SmartCard.Backend.Cards.Contracts;
using Stateless;

namespace SmartCard.Backend.Cards.Issuance;

/// <summary>What is done to a card.</summary>
internal enum CardStep
{
    ReleaseKeys = 1,
    Certify,
    CompletePersonalisation,
    Issue,
    Activate,
    Block,
    Replace,
}

/// <summary>
/// A card's life as one table: what is not in it is refused. There is no way back from blocked: a card that was wrongly blocked is
/// replaced, so that nobody can bring a cancelled one to life again.
/// </summary>
internal static class CardLife
{
    private static readonly (CardState From, CardStep Step, CardState To)[] Table =
    [
        (CardState.Ordered, CardStep.ReleaseKeys, CardState.Ordered),
        (CardState.Ordered, CardStep.Certify, CardState.Ordered),
        (CardState.Ordered, CardStep.CompletePersonalisation, CardState.Personalised),
        (CardState.Ordered, CardStep.Block, CardState.Blocked),
        (CardState.Personalised, CardStep.Issue, CardState.Issued),
        (CardState.Personalised, CardStep.Block, CardState.Blocked),
        (CardState.Issued, CardStep.Activate, CardState.Active),
        (CardState.Issued, CardStep.Block, CardState.Blocked),
        (CardState.Active, CardStep.Block, CardState.Blocked),
        (CardState.Blocked, CardStep.Replace, CardState.Replaced),
    ];

    /// <summary>Takes the step where the table has it; false where it has not, and nothing is changed.</summary>
    public static bool TryTake(CardFile card, CardStep step)
    {
        var machine = MachineOf(card);
        if (!machine.CanFire(step))
            return false;
        machine.Fire(step);
        return true;
    }

    public static bool Allows(CardFile card, CardStep step) => MachineOf(card).CanFire(step);

    private static StateMachine<CardState, CardStep> MachineOf(CardFile card)
    {
        var machine = new StateMachine<CardState, CardStep>(() => card.State, state => card.State = state);
        foreach (var (from, step, to) in Table)
        {
            var state = machine.Configure(from);
            if (from == to)
                state.PermitReentry(step);
            else if (step == CardStep.CompletePersonalisation)
                state.PermitIf(step, to, () => card.IsCertified, "the card's keys are certified");
            else
                state.Permit(step, to);
        }
        return machine;
    }
}
