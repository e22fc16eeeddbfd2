namespace SmartCard.LedgerCheck.Checks;

/// <summary>Invariant 1, seen from the refunds: goods that came back, as new movements that name the draw. CROSS JOIN: SQLite keeps to its order, from the few refunds to their movements.</summary>
internal static class RefundChecks
{
    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.DoubleEntry, "refund-of-approved", "A refund names an approved disbursement of its merchant and household that no reversal undid.", """
            SELECT f.bucket, f.card, f.atc, f.entry, f.undoes, d.entry AS disbursement, d.status, r.entry AS reversal
            FROM [refunds] AS f
            LEFT JOIN [disbursements] AS d ON d.bucket = f.bucket AND d.card = f.card AND d.atc = f.atc
            LEFT JOIN [reversals] AS r ON r.bucket = f.bucket AND r.card = f.card AND r.atc = f.atc
            WHERE d.entry IS NULL OR d.status <> 1 OR d.entry <> f.undoes OR d.household <> f.household OR d.merchant <> f.merchant OR r.entry IS NOT NULL
            """),
        new(Invariant.DoubleEntry, "refund-opposes", "Each movement of a refund is the opposite of one of the draw's; what a card had comes back to its household.", """
            SELECT m.bucket, m.entry, m.ordinal, m.undoes, m.quota, m.amount
            FROM [refunds] AS f JOIN [movements] AS m ON m.bucket = f.bucket AND m.entry = f.entry
            WHERE NOT EXISTS (
                SELECT 1 FROM [movements] AS o
                WHERE o.bucket = f.bucket AND o.entry = f.undoes AND o.quota = m.quota AND o.period = m.period AND o.unit = m.unit AND o.household = m.household
                  AND o.credit_kind = m.debit_kind AND o.credit_owner = m.debit_owner
                  AND m.credit_kind = CASE o.debit_kind WHEN 3 THEN 2 ELSE o.debit_kind END
                  AND m.credit_owner = CASE o.debit_kind WHEN 3 THEN o.household ELSE o.debit_owner END)
            """),
        new(Invariant.DoubleEntry, "refund-within-draw", "Of nothing comes back more than was drawn, however many refunds there are.", """
            SELECT b.bucket, b.undoes, b.quota, b.unit, b.amount AS refunded, o.amount AS drawn
            FROM (SELECT m.bucket, m.undoes, m.quota, m.unit, m.credit_kind, CAST(sum(m.amount) AS bigint) AS amount
                  FROM [refunds] AS f CROSS JOIN [movements] AS m WHERE m.bucket = f.bucket AND m.entry = f.entry GROUP BY m.bucket, m.undoes, m.quota, m.unit, m.credit_kind) AS b
            LEFT JOIN [movements] AS o ON o.bucket = b.bucket AND o.entry = b.undoes AND o.quota = b.quota AND o.unit = b.unit AND (o.debit_kind = 1) = (b.credit_kind = 1)
            WHERE o.amount IS NULL OR b.amount > o.amount
            """),
        new(Invariant.DoubleEntry, "refund-lines", "A refund's subsidy is the sum of its lines', and what its merchant gave back to the funds; its lines' goods are what came back.", """
            SELECT f.bucket, f.entry, f.card, f.atc, f.subsidy_minor, l.subsidy_minor AS of_lines, coalesce(m.subsidy_minor, 0) AS of_movements, l.goods, m.goods AS moved
            FROM [refunds] AS f
            LEFT JOIN (SELECT bucket, card, atc, refund_id, CAST(sum(subsidy_minor) AS bigint) AS subsidy_minor, CAST(sum(citizen_gets_minor) AS bigint) AS citizen_gets_minor, CAST(sum(quantity) AS bigint) AS goods
                       FROM [refund_lines] GROUP BY bucket, card, atc, refund_id) AS l ON l.bucket = f.bucket AND l.card = f.card AND l.atc = f.atc AND l.refund_id = f.refund_id
            LEFT JOIN (SELECT bucket, entry, CAST(sum(CASE credit_kind WHEN 1 THEN amount ELSE 0 END) AS bigint) AS subsidy_minor,
                              CAST(sum(CASE WHEN credit_kind = 2 AND unit IN (1, 2) THEN amount ELSE 0 END) AS bigint) AS goods
                       FROM [movements] GROUP BY bucket, entry) AS m ON m.bucket = f.bucket AND m.entry = f.entry
            WHERE l.subsidy_minor IS NULL OR f.subsidy_minor <> l.subsidy_minor OR f.subsidy_minor <> coalesce(m.subsidy_minor, 0) OR f.citizen_gets_minor <> l.citizen_gets_minor OR l.goods <> m.goods
            """),
    ];
}
