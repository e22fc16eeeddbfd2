using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// GET DATA (ISO 7816-4, 11.4.3; GP Card Specification 2.3, 11.3): P1-P2 is the tag. 7F21 and DF62 certificates, DF61 the last record,
/// 66 card data, E0 key information.
/// </summary>
internal sealed class GetDataCommand : ICardCommand
{
    private const int CardData = 0x0066;
    private const int KeyInformation = 0x00E0;

    /// <summary>A terminal needs its own record back after a torn tap; that right it has without the right to the log.</summary>
    private const Access LastRecordAccess = Access.Issuer | Access.Terminal | Access.PinVerified;

    private static readonly Tag KeyInformationEntry = 0xC0;

    /// <summary>
    /// Card recognition data (GP Card Specification 2.3, H.2): GlobalPlatform, card specification 2.3, SCP03 with i = 70, SCP11 with i = 01.
    /// </summary>
    private static readonly byte[] CardRecognitionData = new TlvWriter()
        .Append(0x66, outer => outer.Append(0x73, data => data
            .Append(0x06, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01])
            .Append(0x60, inner => inner.Append(0x06, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x02, 0x02, 0x03]))
            .Append(0x63, inner => inner.Append(0x06, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x03]))
            .Append(0x64, inner => inner.Append(0x06, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x03, 0x70]))
            .Append(0x64, inner => inner.Append(0x06, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x11, 0x01]))))
        .ToArray();

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (!command.Data.IsEmpty)
            return Answers.Refuse(StatusWord.WrongLength);
        var tag = (command.P1 << 8) | command.P2;
        return tag switch
        {
            LogRecord.LastRecordTag => LastRecord(card),
            CardData => Answers.Data(CardRecognitionData),
            KeyInformation => Answers.Data(DescribeKeys(card.State.Keys)),
            _ => ReadFile(card, tag),
        };
    }

    private static ResponseApdu ReadFile(CommandContext card, int tag)
    {
        if (FileTable.FindByTag(tag) is not { } file)
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (!file.Read.Allows(card.Session))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);
        return card.State.Files.Record(file.Id, 1) is { } content
            ? Answers.Data(content)
            : Answers.Refuse(StatusWord.ReferencedDataNotFound);
    }

    private static ResponseApdu LastRecord(CommandContext card)
    {
        if (card.Session.Selected != CardApplication.Subsidy)
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (!LastRecordAccess.Allows(card.Session))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);
        return card.State.Files.Record(FileId.TransactionLog, 1) is { } record
            ? Answers.Data(record)
            : Answers.Refuse(StatusWord.ReferencedDataNotFound);
    }

    /// <summary>E0 { C0 { KID, KVN, key type, key bytes } .. } (GP Card Specification 2.3, 11.3.3.1).</summary>
    private static byte[] DescribeKeys(CardKeys keys) => new TlvWriter()
        .Append(KeyInformation, entries =>
        {
            for (byte offset = 0; offset < 3; offset++)
                Add((byte)(CardKeyReferences.Scp03FirstKeyId + offset), keys.Scp03Version, CardKeyReferences.AesKeyType, Scp03StaticKeys.KeyLength);
            if (!keys.TerminalAuthorityPoint.IsEmpty)
                Add(Scp11aKeys.TerminalAuthorityKeyId, Scp11aKeys.KeyVersion, CardKeyReferences.EcPublicKeyType, P256.PointLength);
            if (!keys.KeyAgreementScalar.IsEmpty)
                Add(Scp11aKeys.CardKeyId, Scp11aKeys.KeyVersion, CardKeyReferences.EcPrivateKeyType, P256.CoordinateLength);
            if (!keys.SignatureScalar.IsEmpty)
                Add(CardKeyReferences.SignatureKeyId, Scp11aKeys.KeyVersion, CardKeyReferences.EcPrivateKeyType, P256.CoordinateLength);
            for (byte offset = 0; offset < 2 && !keys.CryptogramKey.IsEmpty; offset++)
            {
                Add((byte)(CardKeyReferences.ApplicationFirstKeyId + offset), CardKeyReferences.ApplicationKeyVersion,
                    CardKeyReferences.AesKeyType, CardKeyDerivation.KeyLength);
            }

            void Add(byte keyId, byte keyVersion, byte type, int length) =>
                entries.Append(KeyInformationEntry, [keyId, keyVersion, type, (byte)length]);
        })
        .ToArray();
}
