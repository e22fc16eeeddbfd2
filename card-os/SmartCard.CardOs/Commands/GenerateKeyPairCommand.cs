using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Commands;

/// <summary>GENERATE KEY PAIR: the card makes one of its two key pairs, during personalisation only, and answers the public key. The private one never leaves.</summary>
sealed class GenerateKeyPairCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command.P1 != Scp11aKeys.KeyVersion || command.P2 is not (Scp11aKeys.CardKeyId or CardKeyReferences.SignatureKeyId))
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (!command.Data.Span.SequenceEqual(GenerateKeyPairData.Encode(command.P1)))
            return Answers.Refuse(StatusWord.WrongData);

        card.Timing.Charge(CardOperation.GenerateKeyPair);
        using var pair = EcKeyPair.Generate();
        var scalar = pair.ExportScalar();
        var keys = command.P2 == Scp11aKeys.CardKeyId
            ? card.State.Keys with { KeyAgreementScalar = scalar }
            : card.State.Keys with { SignatureScalar = scalar };
        card.Commit(card.State with { Keys = keys });
        return Answers.Data(GenerateKeyPairData.EncodeResponse(pair.PublicPoint));
    }
}
