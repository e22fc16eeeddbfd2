using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Commands;

/// <summary>GENERATE KEY PAIR: the card makes one of its two key pairs, during personalisation only, and answers the public key. The private one never leaves.</summary>
internal sealed class GenerateKeyPairCommand : ICardCommand
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
        var state = card.State;
        // A certificate over a key that is gone is none.
        card.Commit(command.P2 == Scp11aKeys.CardKeyId
            ? state with { Keys = state.Keys with { KeyAgreementScalar = scalar }, Files = state.Files.Clear(FileId.KeyAgreementCertificate) }
            : state with { Keys = state.Keys with { SignatureScalar = scalar }, Files = state.Files.Clear(FileId.SignatureCertificate) });
        return Answers.Data(GenerateKeyPairData.EncodeResponse(pair.PublicPoint));
    }
}
