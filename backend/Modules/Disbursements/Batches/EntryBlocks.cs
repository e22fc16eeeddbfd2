using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// Entry numbers in blocks, so that the path asks the database for them once in thousands of draws. One instance a writer. What is left of a block
/// when a process ends is never used: entry numbers have gaps.
/// </summary>
internal sealed class EntryBlocks(ILedgerStore store) : IEntryIds
{
    private const int BlockLength = 20_000;

    private long _next;
    private long _end;

    public long Next()
    {
        Invariant.Holds(_next < _end, "entry numbers are reserved before a batch is decided");
        return _next++;
    }

    public async Task ReserveAsync(int count, CancellationToken cancellation)
    {
        if (_end - _next >= count)
            return;
        var length = Math.Max(count, BlockLength);
        _next = await store.TakeEntriesAsync(length, cancellation);
        _end = _next + length;
    }
}

/// <summary>The table of the next free entry number; the same statement on both databases.</summary>
internal static class EntryBlockTable
{
    public static async Task<long> TakeAsync(IDbConnectionFactory database, int count, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            INSERT INTO {database.Table(DisbursementsDbContext.SchemaName, "entry_blocks")} AS b (id, next) VALUES (1, {count + 1})
            ON CONFLICT (id) DO UPDATE SET next = b.next + {count} RETURNING next
            """;
        var end = Convert.ToInt64(await command.ExecuteScalarAsync(cancellation));
        await write.CommitAsync(cancellation);
        return end - count;
    }
}
