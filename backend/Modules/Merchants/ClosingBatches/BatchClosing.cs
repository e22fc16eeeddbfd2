using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.ClosingBatches;

/// <summary>
/// Z: what a terminal says of its batch beside what the ledger says. The ledger counts by day, a terminal may close several times a
/// day: the ledger's share of a batch is the day so far less what the day had at the batch before.
/// </summary>
internal sealed class BatchClosing(ModuleDatabase database, TimeProvider time)
{
    public async Task<BatchOutcome> CloseAsync(BatchClose batch, IReadOnlyList<BatchTotal> hostTotals, CancellationToken cancellation)
    {
        if (FaultOf(batch) is { } fault)
            return fault;
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        if (await context.HoldTerminalAsync(batch.Terminal, cancellation) is null)
            return new BatchOutcome.Refused("terminal_unknown", "Enrol the terminal first.");

        var earlier = await context.Batches.AsNoTracking()
            .Where(b => b.TerminalId == batch.Terminal && b.BatchNumber == batch.BatchNumber)
            .SingleOrDefaultAsync(cancellation);
        if (earlier is not null)
            return await RepeatAsync(context, batch, earlier, cancellation);
        var last = await context.Batches.Where(b => b.TerminalId == batch.Terminal).MaxAsync(b => (int?)b.BatchNumber, cancellation) ?? 0;
        if (batch.BatchNumber != last + 1)
            return new BatchOutcome.Refused("batch_number_not_next", $"Close batch {last + 1}, the terminal's next.");

        var day = ByProgramme(hostTotals);
        var shares = Less(day, await HostDayBeforeAsync(context, batch.Terminal, batch.BusinessDate, batch.BatchNumber, cancellation));
        var isBalanced = AreEqual(shares, ByProgramme(batch.Totals));
        var row = new BatchRow
        {
            TerminalId = batch.Terminal,
            BatchNumber = batch.BatchNumber,
            MerchantId = batch.Merchant,
            BusinessDate = batch.BusinessDate,
            OpenedAt = batch.OpenedAt,
            ClosedAt = batch.ClosedAt,
            ReceivedAt = time.GetUtcNow(),
            Balanced = isBalanced,
        };
        context.Add(row);
        await context.SaveChangesAsync(cancellation);
        context.AddRange(batch.Totals.Select(total => RowOf(row.BatchId, BatchSide.Terminal, total)));
        context.AddRange(day.Values.Select(total => RowOf(row.BatchId, BatchSide.HostDay, total)));
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new BatchOutcome.Closed(row.BatchId, isBalanced, Told(shares));
    }

    private static BatchOutcome.Refused? FaultOf(BatchClose batch)
    {
        if (batch.BatchNumber <= 0)
            return new BatchOutcome.Refused("batch_number_not_next", "Number batches from 1.");
        if (batch.Totals.DistinctBy(total => total.Programme).Count() != batch.Totals.Count)
            return new BatchOutcome.Refused("programme_twice", "Send one total for each programme.");
        return batch.Totals.Any(total => total.Draws < 0 || total.Quantity < 0 || total.CitizenPaidMinor < 0)
            ? new BatchOutcome.Refused("total_negative", "Send totals of 0 or more.")
            : null;
    }

    private static async Task<BatchOutcome> RepeatAsync(MerchantsDbContext context, BatchClose batch, BatchRow earlier, CancellationToken cancellation)
    {
        var totals = await TotalsAsync(context, earlier.BatchId, BatchSide.Terminal, cancellation);
        if (earlier.BusinessDate != batch.BusinessDate || !AreEqual(totals, ByProgramme(batch.Totals)))
            return new BatchOutcome.Refused("batch_closed_otherwise", "The number was closed with other totals: go on with the next one, and report the difference to the supply office.");
        var day = await TotalsAsync(context, earlier.BatchId, BatchSide.HostDay, cancellation);
        var before = await HostDayBeforeAsync(context, earlier.TerminalId, earlier.BusinessDate, earlier.BatchNumber, cancellation);
        return new BatchOutcome.Closed(earlier.BatchId, earlier.Balanced, Told(Less(day, before)));
    }

    private static async Task<Dictionary<ProgrammeCode, BatchTotal>> HostDayBeforeAsync(
        MerchantsDbContext context, TerminalId terminal, DateOnly date, int batchNumber, CancellationToken cancellation)
    {
        var before = await context.Batches
            .Where(b => b.TerminalId == terminal && b.BusinessDate == date && b.BatchNumber < batchNumber)
            .OrderByDescending(b => b.BatchNumber)
            .Select(b => (long?)b.BatchId)
            .FirstOrDefaultAsync(cancellation);
        return before is null ? [] : await TotalsAsync(context, before.Value, BatchSide.HostDay, cancellation);
    }

    private static async Task<Dictionary<ProgrammeCode, BatchTotal>> TotalsAsync(MerchantsDbContext context, long batchId, BatchSide side, CancellationToken cancellation)
    {
        var rows = await context.BatchTotals.AsNoTracking().Where(total => total.BatchId == batchId && total.Side == side).ToListAsync(cancellation);
        return rows.ToDictionary(row => row.Programme, row => new BatchTotal(row.Programme, row.Draws, row.Quantity, row.CitizenPaidMinor));
    }

    private static Dictionary<ProgrammeCode, BatchTotal> ByProgramme(IReadOnlyList<BatchTotal> totals) => totals.ToDictionary(total => total.Programme);

    private static Dictionary<ProgrammeCode, BatchTotal> Less(Dictionary<ProgrammeCode, BatchTotal> day, Dictionary<ProgrammeCode, BatchTotal> before) =>
        day.Keys.Union(before.Keys).ToDictionary(
            programme => programme,
            programme =>
            {
                var (now, then) = (day.GetValueOrDefault(programme), before.GetValueOrDefault(programme));
                return new BatchTotal(programme, now.Draws - then.Draws, now.Quantity - then.Quantity, now.CitizenPaidMinor - then.CitizenPaidMinor);
            });

    // A programme without a draw may be left out.
    private static bool AreEqual(Dictionary<ProgrammeCode, BatchTotal> some, Dictionary<ProgrammeCode, BatchTotal> others) =>
        some.Keys.Union(others.Keys).All(programme => (some.GetValueOrDefault(programme) with { Programme = programme }) == (others.GetValueOrDefault(programme) with { Programme = programme }));

    // Where a draw of an earlier batch was undone since, the share would be below nothing: the batch is not balanced, and 0 is told.
    private static List<BatchTotal> Told(Dictionary<ProgrammeCode, BatchTotal> shares) =>
    [
        .. shares.Values
            .OrderBy(total => total.Programme)
            .Select(total => new BatchTotal(total.Programme, Math.Max(total.Draws, 0), Math.Max(total.Quantity, 0), Math.Max(total.CitizenPaidMinor, 0)))
            .Where(total => total.Draws != 0 || total.Quantity != 0 || total.CitizenPaidMinor != 0),
    ];

    private static BatchTotalRow RowOf(long batchId, BatchSide side, BatchTotal total) => new()
    {
        BatchId = batchId,
        Side = side,
        Programme = total.Programme,
        Draws = total.Draws,
        Quantity = total.Quantity,
        CitizenPaidMinor = total.CitizenPaidMinor,
    };
}
