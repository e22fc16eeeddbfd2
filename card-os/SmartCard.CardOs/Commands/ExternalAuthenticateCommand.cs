using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// EXTERNAL AUTHENTICATE (GP Amendment D, 7.1.2): opens the SCP03 session that INITIALIZE UPDATE began. It stands outside the command table because it is protected
/// by the session that it makes.
/// </summary>
internal static class ExternalAuthenticateCommand
{
    public static ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (card.State.LifeCycle == CardLifeCycle.Terminated || card.Session.Scp03 is not { } handshake)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);

        card.Timing.Charge(CardOperation.SetUpAesKey, 3);
        card.Timing.Charge(CardOperation.RunAes, 2); // cryptogram, MAC
        var answer = handshake.ExternalAuthenticate(command, out var messaging);
        if (messaging is null)
            card.Session.Clear();
        else
            card.Session.Open(new OpenChannel(messaging, IsIssuer: true, Terminal: null));
        return answer;
    }
}
