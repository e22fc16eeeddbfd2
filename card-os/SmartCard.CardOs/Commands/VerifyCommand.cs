using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// VERIFY (ISO 7816-4, 11.5.6; EMV book 3, 6.5.12): the citizen's PIN, inside an encrypted session. The try is taken and stored before the comparison, so that cutting the
/// power never gives it back.
/// </summary>
internal sealed class VerifyCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command is not { P1: 0, P2: CardholderVerification.PinReference })
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (command.Data.IsEmpty)
            return Answers.Refuse(Tries(card));
        if (!card.Session.Channel!.Messaging.Level.Has(SecurityLevel.CEnc))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);
        if (!CardholderVerification.IsBlock(command.Data.Span, CardholderVerification.PinDigitsMin, CardholderVerification.PinDigitsMax))
            return Answers.Refuse(StatusWord.WrongData);
        card.Session.PinVerified = false;
        if (card.State.Pin.IsBlocked)
            return Answers.Refuse(StatusWord.AuthenticationMethodBlocked);

        card.Commit(card.State with { Pin = card.State.Pin.WithTryTaken() });
        if (!card.State.Pin.Matches(command.Data.Span))
            return Answers.Refuse(StatusWord.TriesLeft(card.State.Pin.TriesLeft));

        card.Commit(card.State with { Pin = card.State.Pin.WithAllTries() });
        card.Session.PinVerified = true;
        return Answers.Done;
    }

    private static StatusWord Tries(CommandContext card)
    {
        if (card.Session.PinVerified)
            return StatusWord.Success;
        return card.State.Pin.IsBlocked ? StatusWord.AuthenticationMethodBlocked : StatusWord.TriesLeft(card.State.Pin.TriesLeft);
    }
}
