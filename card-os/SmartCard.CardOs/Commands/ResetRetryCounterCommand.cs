using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// RESET RETRY COUNTER (ISO 7816-4, 11.5.10): PUK | new PIN, inside an encrypted session. The PUK's own try is taken and stored before the comparison.
/// </summary>
internal sealed class ResetRetryCounterCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command is not { P1: 0, P2: CardholderVerification.PinReference })
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (!card.Session.Channel!.Messaging.Level.Has(SecurityLevel.CEnc))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);
        if (command.Data.Length != 2 * CardholderVerification.BlockLength)
            return Answers.Refuse(StatusWord.WrongLength);
        var puk = command.Data[..CardholderVerification.BlockLength];
        var newPin = command.Data[CardholderVerification.BlockLength..];
        if (!CardholderVerification.IsBlock(puk.Span, CardholderVerification.PukDigits, CardholderVerification.PukDigits)
            || !CardholderVerification.IsBlock(newPin.Span, CardholderVerification.PinDigitsMin, CardholderVerification.PinDigitsMax))
        {
            return Answers.Refuse(StatusWord.WrongData);
        }

        if (card.State.Puk.IsBlocked)
            return Answers.Refuse(StatusWord.AuthenticationMethodBlocked);
        card.Commit(card.State with { Puk = card.State.Puk.WithTryTaken() });
        if (!card.State.Puk.Matches(puk.Span))
            return Answers.Refuse(StatusWord.TriesLeft(card.State.Puk.TriesLeft));

        card.Commit(card.State with { Puk = card.State.Puk.WithAllTries(), Pin = card.State.Pin.Replaced(newPin.ToArray()) });
        return Answers.Done;
    }
}
