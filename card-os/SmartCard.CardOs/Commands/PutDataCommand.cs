using SmartCard.CardOs.Applications.Subsidy;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>PUT DATA DF60: an issuer script. Any terminal with the right to relay may bring it; its authority is its own MAC.</summary>
internal sealed class PutDataCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (((command.P1 << 8) | command.P2) != IssuerScript.DataTag)
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (card.Session.Channel!.Terminal is { } terminal && !terminal.Rights.Allows(TerminalOperations.RelayScript))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);

        card.Timing.Charge(CardOperation.SetUpAesKey);
        card.Timing.Charge(CardOperation.RunAes);
        if (!IssuerScript.TryOpen(command.Data.Span, card.State.Keys.ScriptKey.Span, out var script, out var refusal))
            return Answers.Refuse(refusal is ScriptRefusal.Mac or ScriptRefusal.WrongLength ? StatusWord.SecureMessagingObjectsIncorrect : StatusWord.WrongData);
        if (script.Card != card.State.Number || script.Counter <= card.State.Subsidy.ScriptCounter)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        if (ScriptRules.Apply(card.State.Subsidy, script, out var next) is { IsSuccess: false } status)
            return Answers.Refuse(status);
        card.Commit(card.State with { Subsidy = next with { ScriptCounter = script.Counter } });
        return Answers.Done;
    }
}
