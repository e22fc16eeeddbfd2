using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;

namespace SmartCard.CardOs.Commands;

/// <summary>MUTUAL AUTHENTICATE (GP Amendment F, 7.6): proves both sides and opens the SCP11a session.</summary>
internal sealed class MutualAuthenticateCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (card.Session.Scp11a is not { } handshake)
        {
            card.Session.Clear();
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        }

        card.Timing.Charge(CardOperation.GenerateKeyPair);
        card.Timing.Charge(CardOperation.AgreeOnKey, 2);
        card.Timing.Charge(CardOperation.SetUpAesKey, 4); // receipt key and three session keys
        card.Timing.Charge(CardOperation.RunAes);
        var answer = handshake.MutualAuthenticate(command, out var messaging);
        if (messaging is null)
            card.Session.Clear();
        else
            card.Session.Open(new OpenChannel(messaging, IsIssuer: false, handshake.Peer));
        return answer;
    }
}
