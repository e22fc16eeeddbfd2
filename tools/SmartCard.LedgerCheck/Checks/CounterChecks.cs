namespace SmartCard.LedgerCheck.Checks;

/// <summary>Invariants 3 and 6: one outcome for one (card, ATC), its end and its reason, and the cases that contradictions opened.</summary>
internal static class CounterChecks
{
    // Numbers of the ledger: kinds of fraud cases (1 cryptogram, 2 signature, 3 counter replayed, 4 chain forked, 5 beyond allowance), decline reasons of the contract.
    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.OnePerCounter, "counter-once", "A (card, ATC) has one disbursement.", """
            SELECT card, atc, count(*) AS times, min(entry) AS entry, max(entry) AS other_entry FROM [disbursements] GROUP BY card, atc HAVING count(*) > 1
            """),
        new(Invariant.OnePerCounter, "card-household", "A card belongs to one household, in one bucket.", """
            SELECT card, min(household) AS household, max(household) AS other_household, min(bucket) AS bucket, max(bucket) AS other_bucket
            FROM (SELECT card, household, bucket FROM [disbursements] UNION ALL SELECT card, household, bucket FROM [allowances]) AS owned
            GROUP BY card HAVING min(household) <> max(household) OR min(bucket) <> max(bucket)
            """),
        new(Invariant.OnePerCounter, "card-chain", "Records of a card with neighbouring counters follow each other in its chain, or a case says that they do not.", """
            SELECT d.bucket, d.card, d.atc, n.atc AS next_atc, d.entry, n.entry AS next_entry
            FROM [disbursements] AS d JOIN [disbursements] AS n ON n.bucket = d.bucket AND n.card = d.card AND n.atc = d.atc + 1
            WHERE n.chain_before <> d.chain_after
              AND NOT EXISTS (SELECT 1 FROM [fraud_cases] AS f WHERE f.bucket = d.bucket AND f.card = d.card AND f.kind = 4
                              AND ((f.atc = d.atc AND f.content_hash = d.content_hash) OR (f.atc = n.atc AND f.content_hash = n.content_hash)))
            """),
        new(Invariant.OnePerCounter, "card-counter", "A household's document has, of each card with a disbursement and of no other, the highest counter and the chain after it.", BothWays.Sql(
            """
            coalesce(k.bucket, r.bucket) AS bucket, coalesce(k.household, r.household) AS household, coalesce(k.card, r.card) AS card,
            k.atc, r.atc AS highest_atc, k.chain_after, r.chain_after AS replayed_chain_after
            """,
            "[card_counters]",
            """
            (SELECT d.bucket, d.household, d.card, d.atc, d.chain_after
             FROM [disbursements] AS d JOIN (SELECT bucket, card, max(atc) AS atc FROM [disbursements] GROUP BY bucket, card) AS last
               ON last.bucket = d.bucket AND last.card = d.card AND last.atc = d.atc)
            """,
            "r.bucket = k.bucket AND r.card = k.card AND r.household = k.household",
            "k.atc <> r.atc OR k.chain_after <> r.chain_after")),
        new(Invariant.OnePerCounter, "case-of-fork", "A record declined because its chain forked, or because it took more than was lent, opened a case.", """
            SELECT d.bucket, d.card, d.atc, d.entry, d.reason
            FROM [disbursements] AS d
            LEFT JOIN [fraud_cases] AS f ON f.bucket = d.bucket AND f.card = d.card AND f.atc = d.atc AND f.content_hash = d.content_hash
              AND f.kind = CASE d.reason WHEN 9 THEN 4 ELSE 5 END
            WHERE d.status = 2 AND d.reason IN (9, 24) AND f.card IS NULL
            """),
        new(Invariant.OnePerCounter, "case-of-replay", "A case of a replayed counter stands beside a disbursement with other content.", """
            SELECT f.bucket, f.card, f.atc, f.content_hash, d.entry
            FROM [fraud_cases] AS f LEFT JOIN [disbursements] AS d ON d.bucket = f.bucket AND d.card = f.card AND d.atc = f.atc
            WHERE f.kind = 3 AND (d.entry IS NULL OR d.content_hash = f.content_hash)
            """),
        new(Invariant.OnePerCounter, "case-of-forgery", "A record that was refused for its cryptogram or its signature opened a case.", """
            SELECT r.bucket, r.card, r.atc, r.reason, r.content_hash
            FROM [refused_records] AS r
            LEFT JOIN [fraud_cases] AS f ON f.bucket = r.bucket AND f.card = r.card AND f.atc = r.atc AND f.content_hash = r.content_hash AND f.kind = r.reason - 4
            WHERE r.reason IN (5, 6) AND f.card IS NULL
            """),
        new(Invariant.Ended, "disbursement-ended", "A disbursement is approved without a reason, declined with one, or buried by the reversal that came first.", """
            SELECT bucket, card, atc, entry, status, reason FROM [disbursements]
            WHERE NOT ((status = 1 AND reason = 0) OR (status = 2 AND reason BETWEEN 9 AND 24) OR (status = 3 AND reason = 8))
            """),
        new(Invariant.Ended, "refusal-reason", "A refused record says why it could not take its (card, ATC).", """
            SELECT bucket, card, atc, reason, terminal FROM [refused_records] WHERE reason NOT BETWEEN 1 AND 6
            """),
        new(Invariant.Ended, "disbursement-evidence", "A disbursement keeps the record, cryptogram and signature that it was decided on.", """
            SELECT bucket, card, atc, entry, length(record) AS record_bytes, length(cryptogram) AS cryptogram_bytes, length(signature) AS signature_bytes FROM [disbursements]
            WHERE length(record) < 119 OR length(cryptogram) <> 8 OR length(signature) <> 64 OR length(outcome) = 0
            """),
    ];
}
