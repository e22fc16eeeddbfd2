using SmartCard.CardOs.Applications.Subsidy;
using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>GET PROCESSING OPTIONS (EMV book 3, 6.5.8): the card's counters, for a terminal that it trusts. Changes nothing.</summary>
internal sealed class GetProcessingOptionsCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command is not { P1: 0, P2: 0 })
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (!ProcessingOptionsRequest.TryDecode(command.Data, out var request))
            return Answers.Refuse(StatusWord.WrongData);
        if (!TerminalRights.Names(card.Session, request.Terminal))
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);

        var subsidy = card.State.Subsidy;
        return Answers.Data(new ProcessingOptionsResponse
        {
            Atc = subsidy.Atc,
            Allowances = subsidy.Allowances,
            ConsecutiveOffline = subsidy.ConsecutiveOffline,
            PinTriesLeft = card.State.Pin.TriesLeft,
            PinThresholdMinor = subsidy.PinThresholdMinor,
            ScriptCounter = subsidy.ScriptCounter,
            Chain = subsidy.Chain,
            LastTransactionId = TransactionLog.Newest(card.State)?.Record.TransactionId,
        }.Encode());
    }
}
