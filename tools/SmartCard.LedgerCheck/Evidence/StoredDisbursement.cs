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
    public List<StoredLine> Lines { get; } = [];

    /// <summary>All of them, one at a time, in the order of their keys.</summary>
    public static async IAsyncEnumerable<StoredDisbursement> StreamAsync(LedgerDatabase ledger, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = ledger.Command("""
            SELECT d.bucket, d.card, d.atc, d.household, d.entry, d.status, d.reason, d.content_hash, d.transaction_id, d.terminal, d.offline, d.drawn_on,
                   d.subsidy_minor, d.citizen_pays_minor, d.chain_before, d.chain_after, d.record, d.basket, d.outcome,
                   l.programme, l.unit, l.quantity, l.subsidy_minor, l.citizen_pays_minor
            FROM [disbursements] AS d LEFT JOIN [disbursement_lines] AS l ON l.bucket = d.bucket AND l.card = d.card AND l.atc = d.atc
            ORDER BY d.bucket, d.card, d.atc, l.programme
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        StoredDisbursement? current = null;
        while (await reader.ReadAsync(cancellation))
        {
            if (current is null || current.Bucket != reader.GetInt16(0) || current.Card != reader.GetInt64(1) || current.Atc != reader.GetInt32(2))
            {
                if (current is not null)
                    yield return current;
                current = Read(reader);
            }
            if (!await reader.IsDBNullAsync(19, cancellation))
                current.Lines.Add(new StoredLine(reader.GetInt32(19), reader.GetInt16(20), reader.GetInt64(21), reader.GetInt64(22), reader.GetInt64(23)));
        }
        if (current is not null)
            yield return current;
    }

    private static StoredDisbursement Read(DbDataReader row) => new()
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
    };
}
