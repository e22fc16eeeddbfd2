using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Backend.Reconciliation.Tables;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Running;

/// <summary>Runs with their totals and breaks. A date has one result: a run takes the place of the one before.</summary>
internal sealed class RunStore(ModuleDatabase database, TimeProvider time)
{
    private const int RowsPerStatement = 10_000;

    public async Task<ReconciliationRun> ReplaceAsync(
        DateOnly businessDate, string actor, DateOnly today, MatchResult draws, MatchResult refunds, Places places, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = new ReconciliationDbContext(database);
        await context.JoinAsync(write, cancellation);
        var run = new RunRow { BusinessDate = businessDate, RanAt = time.GetUtcNow(), Actor = actor };
        run.Put(draws.Totals);
        context.Add(run);
        await context.SaveChangesAsync(cancellation);
        var back = new RunRefundsRow { RunId = run.RunId };
        back.Put(refunds.Totals);
        context.Add(back);
        await context.SaveChangesAsync(cancellation);

        // Two runs of a date at once: the second waits here for the first's commit, and then follows it.
        var before = await ExchangeAsync(write, businessDate, run.RunId, cancellation);
        var earlier = before is null ? [] : await EarlierBreaksAsync(write, before.Value, cancellation);
        if (before is not null)
            await DeleteAsync(write, before.Value, cancellation);
        await InsertTotalsAsync(write, "terminal_totals", run.RunId, draws.ByPlace, places, cancellation);
        await InsertTotalsAsync(write, "terminal_refunds", run.RunId, refunds.ByPlace, places, cancellation);
        await InsertBreaksAsync(write, run.RunId, businessDate, today, LineMatch.InOrder(places, draws.Breaks, refunds.Breaks), places, earlier, cancellation);
        await write.CommitAsync(cancellation);
        return new ReconciliationRun(run.RunId, run.BusinessDate, run.RanAt, ToTotals(draws.Totals), ToTotals(refunds.Totals));
    }

    public async Task<BreakPage?> PageAsync(long runId, long afterBreakId, int pageSize, CancellationToken cancellation)
    {
        await using var context = new ReconciliationDbContext(database);
        var rows = await context.Breaks.AsNoTracking()
            .Where(found => found.RunId == runId && found.BreakId > afterBreakId)
            .OrderBy(found => found.BreakId)
            .Take(pageSize + 1)
            .ToListAsync(cancellation);
        if (!await IsInForceAsync(context, runId, cancellation))
            return null;
        return new BreakPage([.. rows.Take(pageSize).Select(row => row.ToBreak())], rows.Count > pageSize);
    }

    /// <summary>
    /// Whether the run is its date's. Asked after reading what belongs to it: a run that takes its place deletes that in the same transaction, so
    /// that what was read before a yes is whole.
    /// </summary>
    public static Task<bool> IsInForceAsync(ReconciliationDbContext context, long runId, CancellationToken cancellation) =>
        context.Dates.AnyAsync(date => date.RunId == runId, cancellation);

    private static ReconciliationTotals ToTotals(in LineTotals totals) => new(
        totals.Recorded, totals.Claimed, totals.Matched, totals.MissingAtMerchant, totals.MissingAtMinistry, totals.AmountDiffers, totals.Duplicate, totals.Late,
        totals.RecordedSubsidyMinor, totals.ClaimedCitizenPaidMinor);

    /// <summary>Makes the run the date's; the answer is the run whose place it takes.</summary>
    private async Task<long?> ExchangeAsync(WriteTransaction write, DateOnly businessDate, long runId, CancellationToken cancellation)
    {
        var dates = database.Table(ReconciliationDbContext.SchemaName, "dates");
        await using var insert = Command(write, $"INSERT INTO {dates} (business_date, run_id) VALUES (@date, @run) ON CONFLICT DO NOTHING RETURNING run_id");
        insert.Add("date", businessDate);
        insert.Add("run", runId);
        if (await insert.ExecuteScalarAsync(cancellation) is not null)
            return null;

        var hold = database.Provider == DatabaseProvider.Postgres ? " FOR UPDATE" : "";
        await using var select = Command(write, $"SELECT run_id FROM {dates} WHERE business_date = @date{hold}");
        select.Add("date", businessDate);
        var before = (long)(await select.ExecuteScalarAsync(cancellation))!;
        await using var update = Command(write, $"UPDATE {dates} SET run_id = @run WHERE business_date = @date");
        update.Add("date", businessDate);
        update.Add("run", runId);
        await update.ExecuteNonQueryAsync(cancellation);
        return before;
    }

    private async Task<Dictionary<BreakKey, EarlierBreak>> EarlierBreaksAsync(WriteTransaction write, long runId, CancellationToken cancellation)
    {
        await using var command = Command(
            write,
            $"SELECT transaction_id, programme, merchant_id, kind, occurrence, owner, opened_on FROM {database.Table(ReconciliationDbContext.SchemaName, "breaks")} WHERE run_id = @run");
        command.Add("run", runId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var earlier = new Dictionary<BreakKey, EarlierBreak>();
        var transaction = new byte[TransactionId.Length];
        while (await reader.ReadAsync(cancellation))
        {
            reader.GetBytes(0, 0, transaction, 0, transaction.Length);
            var kind = (BreakKind)reader.GetInt32(3);
            var key = new BreakKey(
                TransactionId.Decode(transaction).Value, (ushort)reader.GetInt32(1), reader.GetInt64(2), BreakKinds.IsRefund(kind), BreakKinds.IsDuplicate(kind), reader.GetInt32(4));
            earlier.Add(key, new EarlierBreak(kind, reader.GetString(5), await reader.GetFieldValueAsync<DateOnly>(6, cancellation)));
        }
        return earlier;
    }

    private async Task DeleteAsync(WriteTransaction write, long runId, CancellationToken cancellation)
    {
        foreach (var table in new[] { "breaks", "terminal_totals", "terminal_refunds" })
        {
            await using var command = Command(write, $"DELETE FROM {database.Table(ReconciliationDbContext.SchemaName, table)} WHERE run_id = @run");
            command.Add("run", runId);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task InsertTotalsAsync(WriteTransaction write, string table, long runId, LineTotals[] byPlace, Places places, CancellationToken cancellation)
    {
        // A terminal without a line of its own has a place where a merchant named it wrongly.
        var numbers = Enumerable.Range(0, places.Count).Where(number => byPlace[number].HasLines).ToArray();
        foreach (var slice in numbers.Chunk(RowsPerStatement))
        {
            T[] Column<T>(Func<LineTotals, T> value) => Array.ConvertAll(slice, number => value(byPlace[number]));
            await database.InsertAsync(
                write,
                ReconciliationDbContext.SchemaName,
                table,
                cancellation,
                ("run_id", Column(_ => runId)),
                ("merchant_id", Array.ConvertAll(slice, number => places[number].Merchant.Value)),
                ("terminal_id", Array.ConvertAll(slice, number => places[number].Terminal.Value)),
                ("recorded", Column(totals => totals.Recorded)),
                ("claimed", Column(totals => totals.Claimed)),
                ("matched", Column(totals => totals.Matched)),
                ("late", Column(totals => totals.Late)),
                ("missing_at_merchant", Column(totals => totals.MissingAtMerchant)),
                ("missing_at_ministry", Column(totals => totals.MissingAtMinistry)),
                ("amount_differs", Column(totals => totals.AmountDiffers)),
                ("duplicate", Column(totals => totals.Duplicate)),
                ("recorded_subsidy_minor", Column(totals => totals.RecordedSubsidyMinor)),
                ("recorded_citizen_paid_minor", Column(totals => totals.RecordedCitizenPaidMinor)),
                ("claimed_citizen_paid_minor", Column(totals => totals.ClaimedCitizenPaidMinor)));
        }
    }

    private async Task InsertBreaksAsync(
        WriteTransaction write, long runId, DateOnly businessDate, DateOnly today, FoundBreak[] breaks, Places places, Dictionary<BreakKey, EarlierBreak> earlier,
        CancellationToken cancellation)
    {
        foreach (var slice in breaks.Chunk(RowsPerStatement))
        {
            T[] Column<T>(Func<FoundBreak, T> value) => Array.ConvertAll(slice, found => value(found));
            var states = Column(found => StateOf(found, places, earlier, today));
            await database.InsertAsync(
                write,
                ReconciliationDbContext.SchemaName,
                "breaks",
                cancellation,
                ("run_id", Column(_ => runId)),
                ("kind", Column(found => (int)found.Kind)),
                ("transaction_id", Column(found => new TransactionId(found.Transaction).ToBytes())),
                ("programme", Column(found => (int)found.Programme)),
                ("merchant_id", Column(found => places[found.Place].Merchant.Value)),
                ("terminal_id", Column(found => places[found.Place].Terminal.Value)),
                ("occurrence", Column(found => found.Occurrence)),
                ("recorded_quantity", Column(found => found.RecordedQuantity)),
                ("claimed_quantity", Column(found => found.ClaimedQuantity)),
                ("recorded_citizen_paid_minor", Column(found => found.RecordedCitizenPaidMinor)),
                ("claimed_citizen_paid_minor", Column(found => found.ClaimedCitizenPaidMinor)),
                ("business_date", Column(_ => businessDate)),
                ("owner", Array.ConvertAll(states, state => state.Owner)),
                ("opened_on", Array.ConvertAll(states, state => state.OpenedOn)));
        }
    }

    /// <summary>A line that did not match before keeps its age, whatever is wrong with it now; its owner too, as long as the same is wrong.</summary>
    private static EarlierBreak StateOf(FoundBreak found, Places places, Dictionary<BreakKey, EarlierBreak> earlier, DateOnly today)
    {
        var key = new BreakKey(
            found.Transaction, found.Programme, places[found.Place].Merchant.Value, BreakKinds.IsRefund(found.Kind), BreakKinds.IsDuplicate(found.Kind), found.Occurrence);
        if (!earlier.TryGetValue(key, out var before))
            return new EarlierBreak(found.Kind, BreakOwners.Of(found.Kind), today);
        return before.Kind == found.Kind ? before : new EarlierBreak(found.Kind, BreakOwners.Of(found.Kind), before.OpenedOn);
    }

    private static DbCommand Command(WriteTransaction write, string sql)
    {
        var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = sql;
        return command;
    }

    /// <summary>What makes a break of one run the same as one of another.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct BreakKey(UInt128 Transaction, ushort Programme, long Merchant, bool IsRefund, bool IsDuplicate, int Occurrence);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct EarlierBreak(BreakKind Kind, string Owner, DateOnly OpenedOn);
}
