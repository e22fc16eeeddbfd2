using Dapper;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.PeriodEnds;

/// <summary>How far each rollover is, so that the next run need not begin anew. Noted after a page is on disk; a page that was not noted is done again and changes nothing.</summary>
internal sealed class RolloverProgress(IDbConnectionFactory database)
{
    private readonly string _table = database.Table(DisbursementsDbContext.SchemaName, "rollovers");

    /// <summary>The household after which to go on; null where all are done.</summary>
    public async Task<HouseholdId?> FindAsync(Rollover rollover, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<(long After, long? CompletedAt)?>(new CommandDefinition(
            $"SELECT household_after, completed_at FROM {_table} WHERE quota = @quota AND period = @period AND target = @target",
            KeyOf(rollover),
            cancellationToken: cancellation));
        return row is { CompletedAt: not null } ? null : new HouseholdId(row?.After ?? 0);
    }

    /// <param name="completedAt">Null where more households follow.</param>
    public async Task NoteAsync(Rollover rollover, HouseholdId after, DateTimeOffset? completedAt, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        // Two processes may be at it: what the quicker one has done is done.
        await write.Connection.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO {_table} AS r (quota, period, target, household_after, completed_at) VALUES (@quota, @period, @target, @after, @completedAt)
            ON CONFLICT (quota, period, target) DO UPDATE SET
              household_after = CASE WHEN excluded.household_after > r.household_after THEN excluded.household_after ELSE r.household_after END,
              completed_at = coalesce(r.completed_at, excluded.completed_at)
            """,
            new
            {
                quota = (int)rollover.From.Code.Value,
                period = rollover.Period.Value,
                target = rollover.Target.Value,
                after = after.Value,
                completedAt = completedAt?.ToUnixTimeMilliseconds(),
            },
            write.Transaction,
            cancellationToken: cancellation));
        await write.CommitAsync(cancellation);
    }

    private static object KeyOf(Rollover rollover) => new { quota = (int)rollover.From.Code.Value, period = rollover.Period.Value, target = rollover.Target.Value };
}
