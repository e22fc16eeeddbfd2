using SmartCard.CardOs.Security;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.FileSystem;

/// <summary>The application's elementary files. The numbers are in the stored image.</summary>
public enum FileId
{
    KeyAgreementCertificate = 0,
    SignatureCertificate = 1,
    ApplicationData = 2,
    TransactionLog = 3,
}

public enum FileStructure
{
    /// <summary>One record.</summary>
    Single,

    /// <summary>Record 1 is the newest; the next one takes the place of the oldest (ISO 7816-4, 7.4.2).</summary>
    Cyclic,
}

/// <param name="DataTag">P1-P2 of GET DATA; null when it is not read so.</param>
/// <param name="ShortId">For READ RECORD; null when it is not read so.</param>
/// <param name="RecordBytesMax">So that a record fits one protected answer.</param>
/// <param name="Update">STORE DATA. The log has no such rule: only GENERATE AC adds to it, and nothing takes away.</param>
public sealed record ElementaryFile(
    FileId Id, FileStructure Structure, int RecordsMax, int RecordBytesMax, ushort? DataTag, byte? ShortId, Access Read, Access Update);

/// <summary>Every file with its access rules.</summary>
public static class FileTable
{
    public const ushort KeyAgreementCertificateTag = 0x7F21;
    public const ushort SignatureCertificateTag = 0xDF62;
    public const byte LogShortId = 1;
    public const byte ApplicationDataShortId = 2;

    private const int ProtectedAnswerMax = SmartCard.Protocol.SecureChannels.SecureMessaging.PlaintextBytesMax;

    public static IReadOnlyList<ElementaryFile> Files { get; } =
    [
        new(FileId.KeyAgreementCertificate, FileStructure.Single, 1, ProtectedAnswerMax, KeyAgreementCertificateTag, null,
            Read: Access.Always, Update: Access.Issuer),
        new(FileId.SignatureCertificate, FileStructure.Single, 1, ProtectedAnswerMax, SignatureCertificateTag, null,
            Read: Access.Always, Update: Access.Issuer),
        new(FileId.ApplicationData, FileStructure.Single, 1, 64, null, ApplicationDataShortId,
            Read: Access.AnySession, Update: Access.Issuer),
        new(FileId.TransactionLog, FileStructure.Cyclic, LogRecord.LogLength, ProtectedAnswerMax, null, LogShortId,
            Read: Access.Issuer | Access.TerminalThatReadsLogs | Access.PinVerified, Update: Access.Never),
    ];

    public static ElementaryFile? FindByTag(int tag) => Files.FirstOrDefault(file => file.DataTag == tag);

    public static ElementaryFile? FindByShortId(int shortId) => Files.FirstOrDefault(file => file.ShortId == shortId);

    public static ElementaryFile Get(FileId id) => Files[(int)id];
}
