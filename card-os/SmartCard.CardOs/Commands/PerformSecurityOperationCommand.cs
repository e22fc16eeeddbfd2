using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// PERFORM SECURITY OPERATION, verify certificate (GP Amendment F, 7.5): takes the terminal's certificates, card-verifiable or X.509. A certificate that verifies moves
/// the card's latest date forward, and that is stored before the answer.
/// </summary>
internal sealed class PerformSecurityOperationCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        var keys = card.State.Keys;
        if (card.Keys.KeyAgreement(keys) is not { } cardKey || card.Keys.TerminalAuthority(keys) is not { } authority)
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (card.Session.Scp11a is null)
            card.Session.BeginScp11a(new Scp11aCard(cardKey, authority, card.State.LatestDateSeen));
        var handshake = card.Session.Scp11a!;

        card.Timing.Charge(CardOperation.VerifySignature);
        var answer = handshake.PerformSecurityOperation(command);
        if (handshake.LatestDateSeen > card.State.LatestDateSeen)
            card.Commit(card.State with { LatestDateSeen = handshake.LatestDateSeen });
        return answer;
    }
}
