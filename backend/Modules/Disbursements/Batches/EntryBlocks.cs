using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// Entry numbers in blocks, so that the path asks the database for them once in thousands of draws. One instance a shard. What is left of a block
/// when a process ends is never used: entry numbers have gaps.
/// </summary>
internal sealed class EntryBlocks(IDbConnectionFactory database) : IEntryIds
{
    private const int BlockLength = 20_000;

    private readonly string _table = database.Table(DisbursementsDbContext.SchemaName, "entry_blocks");
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
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            INSERT INTO {_table} AS b (id, next) VALUES (1, {length + 1}) ON CONFLICT (id) DO UPDATE SET next = b.next + {length} RETURNING next
            """;
        var end = Convert.ToInt64(await command.ExecuteScalarAsync(cancellation));
        await write.CommitAsync(cancellation);
        (_next, _end) = (end - length, end);
    }
}
