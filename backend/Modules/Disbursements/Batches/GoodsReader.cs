using System.Data.Common;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// What draws handed over and what came back of it, for the rare requests that undo a draw; the same statements on both databases. Read after the
/// households' versions, like everything else.
/// </summary>
internal sealed class GoodsReader(DbConnection connection, DbTransaction? snapshot, Func<string, string> table)
{
    public async Task ReadAsync(IReadOnlyCollection<LedgerKey> keys, IReadOnlyDictionary<HouseholdId, HouseholdState> states, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            if (!key.WithMovements || states[key.Household].OccupantAt(key.Card!.Value, key.Atc.Value) is null)
                continue;
            var refunds = await RefundsAsync(key, cancellation);
            await using var command = Command($"SELECT merchant, basket FROM {table("disbursements")} WHERE bucket = @bucket AND card = @card AND atc = @atc", key);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            Invariant.Holds(await row.ReadAsync(cancellation), "a disbursement that was read is there");
            states[key.Household].Read(key.Card.Value, key.Atc, new GoodsHandedOver(new MerchantId(row.GetInt64(0)), row.GetFieldValue<byte[]>(1), refunds));
        }
    }

    private async Task<List<RecordedRefund>> RefundsAsync(LedgerKey key, CancellationToken cancellation)
    {
        var movements = await MovementsAsync(key, cancellation);
        await using var command = Command(
            $"""
            SELECT entry, refund_id, undoes, terminal, merchant, basket, subsidy_minor, citizen_gets_minor, refunded_on, refunded_at
            FROM {table("refunds")} WHERE bucket = @bucket AND card = @card AND atc = @atc ORDER BY entry
            """,
            key);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var refunds = new List<RecordedRefund>();
        while (await row.ReadAsync(cancellation))
        {
            var entry = new RefundEntry(
                row.GetInt64(0), key.Card!.Value, key.Atc, row.GetGuid(1), row.GetInt64(2), TerminalId.Parse(row.GetString(3)), new MerchantId(row.GetInt64(4)),
                row.GetFieldValue<byte[]>(5), row.GetInt64(6), row.GetInt64(7), Yyyymmdd.ToDate(row.GetInt32(8)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)));
            refunds.Add(new RecordedRefund(entry, [.. movements[entry.Entry]]));
        }
        return refunds;
    }

    private async Task<ILookup<long, Movement>> MovementsAsync(LedgerKey key, CancellationToken cancellation)
    {
        var columns = string.Join(", ", LedgerRows.MovementColumns.Split(", ").Select(column => "m." + column));
        await using var command = Command(
            $"""
            SELECT {columns} FROM {table("refunds")} AS r JOIN {table("movements")} AS m ON m.bucket = r.bucket AND m.entry = r.entry
            WHERE r.bucket = @bucket AND r.card = @card AND r.atc = @atc ORDER BY m.entry, m.ordinal
            """,
            key);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var movements = new List<Movement>();
        while (await row.ReadAsync(cancellation))
            movements.Add(LedgerRows.MovementAt(row, 0));
        return movements.ToLookup(movement => movement.Entry);
    }

    private DbCommand Command(string sql, LedgerKey key)
    {
        var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (snapshot, sql);
        Add("@bucket", key.Household.Bucket);
        Add("@card", (long)key.Card!.Value.Value);
        Add("@atc", (int)key.Atc.Value);
        return command;

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }
}
