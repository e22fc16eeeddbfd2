using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// STORE DATA (GP Card Specification 2.3, 11.11): personal data, during personalisation only. The objects of one command are stored together or not at all; the block
/// number in P2 is not looked at, for each block stands alone.
/// </summary>
internal sealed class StoreDataCommand : ICardCommand
{
    private const byte StructureMask = 0x18;

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if ((command.P1 & StructureMask) != StoreDataObjects.BerTlvStructure)
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (!StoreDataObjects.TryDecode(command.Data, out var objects) || !TryApply(card, objects, out var next))
            return Answers.Refuse(StatusWord.WrongData);
        card.Commit(next);
        return Answers.Done;
    }

    private static bool TryApply(CommandContext card, StoreDataObjects objects, out CardState next)
    {
        next = card.State;
        if (objects.Number is { } number && number != next.Number)
        {
            // Certificates name the card: those of another number are none.
            var files = next.Files.Clear(FileId.KeyAgreementCertificate).Clear(FileId.SignatureCertificate);
            next = next with { Number = number, Files = files };
        }

        if (objects.TerminalAuthority is { } authority)
            next = next with { Keys = next.Keys with { TerminalAuthority = authority } };
        if (objects.RiskLimits is { } limits)
        {
            next = next with
            {
                Subsidy = next.Subsidy with
                {
                    ConsecutiveOffline = next.Subsidy.ConsecutiveOffline with { Lower = limits.LowerConsecutiveOffline, Upper = limits.UpperConsecutiveOffline },
                    PinThresholdMinor = limits.PinThresholdMinor,
                },
            };
        }

        if (objects.ApplicationData is { } data)
            next = next with { Files = next.Files.Put(FileId.ApplicationData, data.Encode()) };
        if (objects.EncryptedSecretCodes is { } codes && !TryStoreCodes(card.Session.Channel!.Messaging, codes, ref next))
            return false;
        return TryStoreCertificate(objects.KeyAgreementCertificate, FileId.KeyAgreementCertificate, CertificateRole.CardKeyAgreement,
                card.Keys.KeyAgreement(next.Keys)?.PublicKey, ref next)
            && TryStoreCertificate(objects.SignatureCertificate, FileId.SignatureCertificate, CertificateRole.CardSignature,
                card.Keys.Signature(next.Keys)?.PublicKey, ref next);
    }

    private static bool TryStoreCodes(SecureMessaging messaging, ReadOnlyMemory<byte> encrypted, ref CardState next)
    {
        if (!messaging.TryDecryptSensitive(encrypted.Span, out var codes))
            return false;
        var pin = codes.AsMemory(0, CardholderVerification.BlockLength);
        var puk = codes.AsMemory(CardholderVerification.BlockLength);
        if (!CardholderVerification.IsBlock(pin.Span, CardholderVerification.PinDigitsMin, CardholderVerification.PinDigitsMax)
            || !CardholderVerification.IsBlock(puk.Span, CardholderVerification.PukDigits, CardholderVerification.PukDigits))
        {
            return false;
        }

        next = next with { Pin = SecretCode.NoPin.Replaced(pin), Puk = SecretCode.NoPuk.Replaced(puk) };
        return true;
    }

    /// <summary>A card does not carry a certificate over another card's key.</summary>
    private static bool TryStoreCertificate(
        ReadOnlyMemory<byte>? encoded, FileId file, CertificateRole role, Protocol.Cryptography.EcPublicKey? ownKey, ref CardState next)
    {
        if (encoded is not { } bytes)
            return true;
        if (bytes.Length > FileTable.Get(file).RecordBytesMax
            || !CardVerifiableCertificate.TryDecode(bytes.Span, out var certificate, out _)
            || certificate.Role != role
            || ownKey is null
            || !certificate.PublicPoint.Span.SequenceEqual(ownKey.Point)
            || !certificate.HolderReference.TryGetCard(out var holder)
            || holder != next.Number)
        {
            return false;
        }

        next = next with { Files = next.Files.Put(file, bytes.ToArray()) };
        return true;
    }
}
