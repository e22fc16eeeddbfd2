using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;

namespace SmartCard.CardOs.Commands;

/// <summary>READ RECORD (ISO 7816-4, 11.4.3): P1 the record number, P2 the short file id and 4. File 1 is the log, 2 what the card says of itself.</summary>
internal sealed class ReadRecordCommand : ICardCommand
{
    private const int ByNumber = 0x04;
    private const int ReferenceMask = 0x07;

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if ((command.P2 & ReferenceMask) != ByNumber || command.P1 == 0)
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (FileTable.FindByShortId(command.P2 >> 3) is not { } file)
            return Answers.Refuse(StatusWord.FileOrApplicationNotFound);
        if (!file.Read.Allows(card.Session))
            return Answers.Refuse(StatusWord.SecurityStatusNotSatisfied);
        return card.State.Files.Record(file.Id, command.P1) is { } record
            ? Answers.Data(record)
            : Answers.Refuse(StatusWord.RecordNotFound);
    }
}
