using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>What approved disbursements took of caps on commodities: the movements that no line speaks of, against the basket and the price list.</summary>
internal static class CapScan
{
    private const string Name = "cap-moves";
    private const string Says = "An approved disbursement takes of each cap what its basket needs; offline at most that, for a card cannot count caps.";

    public static async Task<CheckResult> RunAsync(LedgerDatabase ledger, PriceList? prices, int rowsMax, CancellationToken cancellation)
    {
        if (prices is null)
            return new CheckResult(Invariant.DoubleEntry, Name, Says, new Finding.NotApplicable("no price list was given (--prices)"));
        var offending = new OffendingRows(rowsMax);
        await using var command = ledger.Command("""
            SELECT d.bucket, d.entry, d.offline, d.basket, c.quota, c.amount
            FROM [disbursements] AS d LEFT JOIN (
                SELECT m.bucket, m.entry, m.quota, CAST(sum(m.amount) AS bigint) AS amount
                FROM [movements] AS m WHERE m.debit_kind = 2 AND m.credit_kind = 4 AND m.unit IN (3, 4) GROUP BY m.bucket, m.entry, m.quota) AS c
              ON c.bucket = d.bucket AND c.entry = d.entry
            WHERE d.status = 1 ORDER BY d.bucket, d.entry, c.quota
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        (short Bucket, long Entry, bool IsOffline)? current = null;
        var expected = new Dictionary<int, long>();
        while (await reader.ReadAsync(cancellation))
        {
            var key = (reader.GetInt16(0), reader.GetInt64(1), reader.GetBoolean(2));
            if (current != key)
            {
                Report(current, expected, offending);
                current = key;
                expected = StoredBasketLine.TryRead(reader.GetFieldValue<byte[]>(3), out var basket) ? new(prices.CapsOf(basket)) : [];
            }
            if (await reader.IsDBNullAsync(4, cancellation))
                continue;
            var (quota, taken) = (reader.GetInt32(4), reader.GetInt64(5));
            var needed = expected.GetValueOrDefault(quota);
            if (taken > needed || (taken < needed && !key.Item3))
                offending.Add(("bucket", key.Item1), ("entry", key.Item2), ("quota", quota), ("taken", taken), ("needed", needed));
            expected.Remove(quota);
        }
        Report(current, expected, offending);
        return new CheckResult(Invariant.DoubleEntry, Name, Says, offending.ToFinding());
    }

    /// <summary>Caps that the basket needs and no movement took.</summary>
    private static void Report((short Bucket, long Entry, bool IsOffline)? disbursement, Dictionary<int, long> left, OffendingRows offending)
    {
        if (disbursement is not { IsOffline: false } online)
            return;
        foreach (var (quota, needed) in left)
            offending.Add(("bucket", online.Bucket), ("entry", online.Entry), ("quota", quota), ("taken", 0), ("needed", needed));
    }
}
