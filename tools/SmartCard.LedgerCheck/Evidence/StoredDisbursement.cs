using System.Data.Common;
using System.Runtime.CompilerServices;
using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Evidence;

internal readonly record struct StoredLine(int Programme, int Unit, long Quantity, long SubsidyMinor, long CitizenPaysMinor);

/// <summary>A disbursement with its lines, as they stand in the tables.</summary>
internal sealed class StoredDisbursement
{
    public const short Approved = 1;
    public const short Declined = 2;

    public required short Bucket { get; init; }
    public required long Card { get; init; }
    public required int Atc { get; init; }
    public required long Household { get; init; }
    public required long Entry { get; init; }
    public required short Status { get; init; }
    public required short Reason { get; init; }
    public required byte[] ContentHash { get; init; }
    public required byte[] TransactionId { get; init; }
    public required string Terminal { get; init; }
    public required bool IsOffline { get; init; }
    public required int DrawnOn { get; init; }
    public required long SubsidyMinor { get; init; }
    public required long CitizenPaysMinor { get; init; }
    public required long ChainBefore { get; init; }
    public required long ChainAfter { get; init; }
    public required byte[] Record { get; init; }
    public required byte[] Basket { get; init; }
    public required byte[] Outcome { get; init; }
    public required List<StoredLine> Lines { get; init; }

    /// <summary>Null where the lines are built as the ledger builds them; otherwise they cannot be read, and there are none.</summary>
    public required string? LinesFault { get; init; }

    /// <summary>All of them, one at a time, in no order.</summary>
    public static async IAsyncEnumerable<StoredDisbursement> StreamAsync(LedgerDatabase ledger, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = ledger.Command("""
            SELECT bucket, card, atc, household, entry, status, reason, content_hash, transaction_id, terminal, offline, drawn_on,
                   subsidy_minor, citizen_pays_minor, chain_before, chain_after, record, basket, outcome, lines
            FROM [disbursements]
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (lines, fault) = ReadLines(reader.GetString(19));
            yield return Read(reader, lines, fault);
        }
    }

    private static (List<StoredLine> Lines, string? Fault) ReadLines(string text)
    {
        try
        {
            return (StoredLines.Read(text), null);
        }
        catch (DocumentShapeException shape)
        {
            return ([], shape.Message);
        }
    }

    private static StoredDisbursement Read(DbDataReader row, List<StoredLine> lines, string? linesFault) => new()
    {
        Bucket = row.GetInt16(0),
        Card = row.GetInt64(1),
        Atc = row.GetInt32(2),
        Household = row.GetInt64(3),
        Entry = row.GetInt64(4),
        Status = row.GetInt16(5),
        Reason = row.GetInt16(6),
        ContentHash = row.GetFieldValue<byte[]>(7),
        TransactionId = row.GetFieldValue<byte[]>(8),
        Terminal = row.GetString(9),
        IsOffline = row.GetBoolean(10),
        DrawnOn = row.GetInt32(11),
        SubsidyMinor = row.GetInt64(12),
        CitizenPaysMinor = row.GetInt64(13),
        ChainBefore = row.GetInt64(14),
        ChainAfter = row.GetInt64(15),
        Record = row.GetFieldValue<byte[]>(16),
        Basket = row.GetFieldValue<byte[]>(17),
        Outcome = row.GetFieldValue<byte[]>(18),
        Lines = lines,
        LinesFault = linesFault,
    };
}
