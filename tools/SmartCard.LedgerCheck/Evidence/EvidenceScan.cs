using System.Security.Cryptography;
using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>
/// One pass over all disbursements with what no SQL can compute: hashes, chains, and the bytes of records, baskets and outcomes.
/// What is wrong with a row is told as the name of what differs. SQL reads the lines after it: the ledger leaves out those that it could not read.
/// </summary>
internal static class EvidenceScan
{
    /// <summary>Buckets are the top ten bits of a Fibonacci hash of the household; fixed for ever (backend/docs/decisions/0001).</summary>
    private const ulong FibonacciMultiplier = 0x9E37_79B9_7F4A_7C15;

    private sealed record Judge(Invariant Invariant, string Name, string Says, Func<StoredDisbursement, PriceList?, string?> WhatDiffers, bool NeedsPrices = false);

    private static readonly Judge[] Judges =
    [
        new(Invariant.OnePerCounter, "household-bucket", "A disbursement lies in its household's bucket: its key is unique only there.",
            (row, _) => row.Bucket == BucketOf(row.Household) ? null : "bucket"),
        new(Invariant.OnePerCounter, "record-content", "The columns say what the signed record says, and the content hash is the record's.", (row, _) => InRecord(row)),
        new(Invariant.OnePerCounter, "record-chain", "The chain values are the record's own, and what follows from it.", (row, _) => InChain(row)),
        new(Invariant.OnePerCounter, "outcome-verdict", "The outcome that is repeated for ever is the one in the columns.", (row, _) => InOutcome(row)),
        new(Invariant.DoubleEntry, "line-shape", "A disbursement's lines have their five numbers each, a quantity, no money below zero, and no programme twice.", (row, _) => InShape(row)),
        new(Invariant.DoubleEntry, "basket-signed", "An approved basket is the one of which the card signed the hash.", (row, _) => IsApproved(row) && InSignature(row) is { } what ? what : null),
        new(Invariant.DoubleEntry, "basket-lines", "An approved disbursement's lines are what its basket and its record say.", (row, _) => IsApproved(row) ? InLines(row) : null),
        new(Invariant.DoubleEntry, "basket-prices", "An approved basket has the prices of its date, and each line's subsidy is what the price list gives.",
            (row, prices) => IsApproved(row) ? InPrices(row, prices!) : null, NeedsPrices: true),
    ];

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(LedgerDatabase ledger, PriceList? prices, int rowsMax, CancellationToken cancellation)
    {
        var offending = Judges.Select(_ => new OffendingRows(rowsMax)).ToArray();
        await foreach (var row in StoredDisbursement.StreamAsync(ledger, cancellation).WithCancellation(cancellation))
        {
            if (row.LinesFault is not null)
                ledger.LeaveOutDisbursement(row.Bucket, row.Entry);
            for (var index = 0; index < Judges.Length; index++)
            {
                if (Judges[index].NeedsPrices && prices is null)
                    continue;
                if (Judges[index].WhatDiffers(row, prices) is { } what)
                    offending[index].Add(("bucket", row.Bucket), ("card", row.Card), ("atc", row.Atc), ("entry", row.Entry), ("status", row.Status), ("differs", what));
            }
        }
        return
        [
            .. Judges.Select((judge, index) => new CheckResult(
                judge.Invariant, judge.Name, judge.Says,
                judge.NeedsPrices && prices is null ? new Finding.NotApplicable("no price list was given (--prices)") : offending[index].ToFinding())),
        ];
    }

    private static bool IsApproved(StoredDisbursement row) => row.Status == StoredDisbursement.Approved;

    private static short BucketOf(long household) => unchecked((short)(((ulong)household * FibonacciMultiplier) >> 54));

    private static string? InRecord(StoredDisbursement row)
    {
        if (!StoredRecord.TryRead(row.Record, out var record))
            return "record";
        if (!SHA256.HashData(row.Record).AsSpan().SequenceEqual(row.ContentHash))
            return "content_hash";
        if (record.Card != row.Card)
            return "card";
        if (record.Atc != row.Atc)
            return "atc";
        if (record.Terminal != row.Terminal)
            return "terminal";
        if (!record.TransactionId.AsSpan().SequenceEqual(row.TransactionId))
            return "transaction_id";
        if (record.Date != row.DrawnOn)
            return "drawn_on";
        return (record.Kind == StoredRecord.Offline) == row.IsOffline ? null : "offline";
    }

    private static string? InChain(StoredDisbursement row)
    {
        if (StoredRecord.TryRead(row.Record, out var record) && record.PreviousChain != row.ChainBefore)
            return "chain_before";
        return StoredRecord.ChainAfter(row.ChainBefore, row.Record) == row.ChainAfter ? null : "chain_after";
    }

    private static string? InOutcome(StoredDisbursement row)
    {
        if (!StoredOutcome.TryRead(row.Outcome, out var outcome))
            return "outcome";
        if (outcome.TransactionId != Convert.ToHexStringLower(row.TransactionId))
            return "transaction_id";
        if (outcome.IsApproved != IsApproved(row))
            return "status";
        if (!outcome.IsApproved)
        {
            // 9 and 24 open a case, and the terminal is told so.
            if (outcome.FraudCase != row.Reason is 9 or 24)
                return "fraud_case";
            return outcome.Reason == row.Reason ? null : "reason";
        }
        if (outcome.DisbursementId != row.Entry)
            return "entry";
        if (outcome.BusinessDate != row.DrawnOn)
            return "drawn_on";
        if (outcome.SubsidyMinor != row.SubsidyMinor)
            return "subsidy_minor";
        return outcome.CitizenPaysMinor == row.CitizenPaysMinor ? null : "citizen_pays_minor";
    }

    private static string? InShape(StoredDisbursement row)
    {
        if (row.LinesFault is { } fault)
            return fault;
        if (row.Lines.Exists(line => line.Quantity <= 0 || line.SubsidyMinor < 0 || line.CitizenPaysMinor < 0))
            return "below zero";
        return row.Lines.DistinctBy(line => line.Programme).Count() < row.Lines.Count ? "a programme twice" : null;
    }

    private static string? InSignature(StoredDisbursement row) =>
        StoredRecord.TryRead(row.Record, out var record) && SHA256.HashData(row.Basket).AsSpan().SequenceEqual(record.BasketHash) ? null : "basket";

    private static string? InLines(StoredDisbursement row)
    {
        if (!StoredRecord.TryRead(row.Record, out var record))
            return "record";
        if (!StoredBasketLine.TryRead(row.Basket, out var basket))
            return "basket";
        if (record.Draws.Count != row.Lines.Count)
            return "lines";
        foreach (var draw in record.Draws)
        {
            var line = row.Lines.Find(own => own.Programme == draw.Programme);
            var ofProgramme = basket.Where(own => own.Programme == draw.Programme).ToArray();
            var money = ofProgramme.Sum(own => own.Quantity * own.UnitPriceMinor);
            // In money the entitlement pays; in anything else the citizen pays the card price of each piece.
            var inMoney = draw.Unit == 2;
            if (line.Unit != draw.Unit || line.Quantity != draw.Quantity || line.Quantity != (inMoney ? money : ofProgramme.Sum(own => own.Quantity)))
                return "quantity of programme " + draw.Programme;
            if (line.CitizenPaysMinor != (inMoney ? 0 : money))
                return "citizen_pays_minor of programme " + draw.Programme;
        }
        return row.CitizenPaysMinor == record.AmountMinor ? null : "citizen_pays_minor";
    }

    private static string? InPrices(StoredDisbursement row, PriceList prices)
    {
        if (!StoredBasketLine.TryRead(row.Basket, out var basket))
            return "basket";
        foreach (var line in basket)
        {
            if (prices.UnitPriceMinor(line.Commodity, row.DrawnOn) != line.UnitPriceMinor)
                return "price of commodity " + line.Commodity;
        }
        foreach (var line in row.Lines)
        {
            if (prices.SubsidyMinor(line.Programme, [.. basket.Where(own => own.Programme == line.Programme)], row.DrawnOn) != line.SubsidyMinor)
                return "subsidy_minor of programme " + line.Programme;
        }
        return null;
    }
}
