using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;

namespace SmartCard.CardOs.Commands;

/// <summary>SET STATUS of the whole card (GP Card Specification 2.3, 11.10): P1 80, P2 the new life cycle state.</summary>
internal sealed class SetStatusCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command.P1 != SetStatusData.WholeCard)
            return Answers.Refuse(StatusWord.IncorrectParameters);
        var next = (CardLifeCycle)command.P2;
        if (!card.State.LifeCycle.MayBecome(next))
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        if (next == CardLifeCycle.Secured && !card.State.IsPersonalised)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        card.Commit(next == CardLifeCycle.Initialized ? card.State.WithoutPersonalisation() : card.State with { LifeCycle = next });
        return Answers.Done;
    }
}
