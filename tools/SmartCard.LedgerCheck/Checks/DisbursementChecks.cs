namespace SmartCard.LedgerCheck.Checks;

/// <summary>Invariant 1, seen from the disbursements: their lines and their movements say the same.</summary>
internal static class DisbursementChecks
{
    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.DoubleEntry, "line-moves", "A line has the movement of its quantity to its merchant, from the household or, offline, from the card; and that of its subsidy from its programme's fund.", """
            SELECT l.bucket, l.entry, l.card, l.atc, l.programme, l.unit, l.quantity, l.subsidy_minor
            FROM [disbursement_lines] AS l
            WHERE NOT EXISTS (
                SELECT 1 FROM [movements] AS m
                WHERE m.bucket = l.bucket AND m.entry = l.entry AND m.unit = l.unit AND m.amount = l.quantity AND m.credit_kind = 4 AND m.credit_owner = l.merchant
                  AND m.debit_kind = CASE WHEN l.offline THEN 3 ELSE 2 END AND m.debit_owner = CASE WHEN l.offline THEN l.card ELSE l.household END
                  AND m.period / 100 = l.drawn_on / 100
                  AND (l.subsidy_minor = 0 OR EXISTS (
                      SELECT 1 FROM [movements] AS f
                      WHERE f.bucket = m.bucket AND f.entry = m.entry AND f.quota = m.quota AND f.period = m.period AND f.unit = 2 AND f.amount = l.subsidy_minor
                        AND f.debit_kind = 1 AND f.debit_owner = l.programme AND f.credit_kind = 4 AND f.credit_owner = l.merchant)))
            """),
        new(Invariant.DoubleEntry, "disbursement-goods", "What an approved disbursement moves of each unit that it has lines of is the sum of those lines.", """
            SELECT l.bucket, l.entry, m.unit, m.moved, l.drawn
            FROM (SELECT bucket, entry, unit, CAST(sum(quantity) AS bigint) AS drawn FROM [disbursement_lines] GROUP BY bucket, entry, unit) AS l
            JOIN (SELECT bucket, entry, unit, CAST(sum(amount) AS bigint) AS moved FROM [movements] WHERE debit_kind IN (2, 3) AND credit_kind = 4 GROUP BY bucket, entry, unit) AS m
              ON m.bucket = l.bucket AND m.entry = l.entry AND m.unit = l.unit
            WHERE m.moved <> l.drawn
            """),
        new(Invariant.DoubleEntry, "disbursement-subsidy", "An approved disbursement's subsidy is the sum of its lines', and what the funds gave its merchant for it.", """
            SELECT d.bucket, d.entry, d.card, d.atc, d.subsidy_minor, l.subsidy_minor AS of_lines, m.subsidy_minor AS of_movements
            FROM [disbursements] AS d
            LEFT JOIN (SELECT bucket, card, atc, CAST(sum(subsidy_minor) AS bigint) AS subsidy_minor, CAST(sum(citizen_pays_minor) AS bigint) AS citizen_pays_minor
                       FROM [disbursement_lines] GROUP BY bucket, card, atc) AS l ON l.bucket = d.bucket AND l.card = d.card AND l.atc = d.atc
            LEFT JOIN (SELECT bucket, entry, CAST(sum(amount) AS bigint) AS subsidy_minor FROM [movements] WHERE debit_kind = 1 AND credit_kind = 4 GROUP BY bucket, entry) AS m
              ON m.bucket = d.bucket AND m.entry = d.entry
            WHERE d.subsidy_minor <> coalesce(l.subsidy_minor, 0) OR d.subsidy_minor <> coalesce(m.subsidy_minor, 0)
               OR d.citizen_pays_minor <> coalesce(l.citizen_pays_minor, 0)
            """),
        new(Invariant.DoubleEntry, "disbursement-lines", "An approved disbursement has lines, and no other has any.", """
            SELECT d.bucket, d.entry, d.card, d.atc, d.status, l.lines
            FROM [disbursements] AS d
            LEFT JOIN (SELECT bucket, card, atc, count(*) AS lines FROM [disbursement_lines] GROUP BY bucket, card, atc) AS l
              ON l.bucket = d.bucket AND l.card = d.card AND l.atc = d.atc
            WHERE (d.status = 1) <> (l.lines IS NOT NULL)
            """),
        new(Invariant.DoubleEntry, "declined-moves-nothing", "A declined disbursement moves nothing, and a tombstone only gives back what its offline record's card was lent.", """
            SELECT d.bucket, d.entry, d.card, d.atc, d.status, m.ordinal, m.amount
            FROM [disbursements] AS d JOIN [movements] AS m ON m.bucket = d.bucket AND m.entry = d.entry
            WHERE d.status <> 1 AND NOT (d.status = 3 AND d.offline AND m.debit_kind = 3 AND m.debit_owner = d.card AND m.credit_kind = 2 AND m.credit_owner = d.household)
            """),
    ];
}
