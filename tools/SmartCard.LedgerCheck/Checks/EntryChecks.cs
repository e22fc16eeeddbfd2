namespace SmartCard.LedgerCheck.Checks;

/// <summary>Invariant 1: movements by themselves, and the entries that they belong to.</summary>
internal static class EntryChecks
{
    /// <summary>Every row that has an entry number of its own, and whether movements must follow from it.</summary>
    private const string Owners = """
        SELECT bucket, entry, household, 'disbursement' AS kind, CASE status WHEN 1 THEN 1 ELSE 0 END AS moves FROM [disbursements]
        UNION ALL SELECT bucket, entry, household, 'lending', 1 FROM [lendings]
        UNION ALL SELECT bucket, entry, household, 'reversal', 1 FROM [reversals]
        UNION ALL SELECT bucket, entry, household, 'credit', 1 FROM [credits]
        UNION ALL SELECT bucket, entry, household, 'refund', 1 FROM [refunds]
        UNION ALL SELECT bucket, entry, household, 'expiry', 1 FROM [expiries]
        """;

    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.DoubleEntry, "movement-moves", "A movement takes a positive amount from one account and gives it to another, of kinds that may follow each other.", $"""
            SELECT m.bucket, m.entry, m.ordinal, m.debit_kind, m.credit_kind, m.unit, m.amount FROM [movements] AS m
            WHERE m.amount <= 0 OR m.unit NOT IN (1, 2, 3, 4) OR {Transfers.Pair} NOT IN ({Transfers.Known})
            """),
        new(Invariant.DoubleEntry, "movement-accounts", "A household's account in a movement is the account of the movement's household; fund and merchant exchange money alone.", $"""
            SELECT m.bucket, m.entry, m.ordinal, m.household, m.debit_kind, m.credit_kind, m.unit FROM [movements] AS m
            WHERE (m.debit_kind = 2 AND m.debit_owner <> m.household) OR (m.credit_kind = 2 AND m.credit_owner <> m.household)
               OR ({Transfers.Pair} IN ({Transfers.Subsidy}, {Transfers.SubsidyUndone}) AND m.unit <> 2)
            """),
        new(Invariant.DoubleEntry, "quota-unit", "Of one quota only one unit is drawn, lent and credited.", $"""
            SELECT m.quota, min(m.unit) AS unit, max(m.unit) AS other_unit, count(*) AS movements FROM [movements] AS m
            WHERE {Transfers.Pair} NOT IN ({Transfers.Subsidy}, {Transfers.SubsidyUndone})
            GROUP BY m.quota HAVING min(m.unit) <> max(m.unit)
            """),
        new(Invariant.DoubleEntry, "movement-entry", "A movement belongs to an approved disbursement, a tombstone, a lending, a reversal, a refund, a credit or an expiry of its household.", $"""
            SELECT m.bucket, m.entry, m.ordinal, m.household, m.quota, m.amount
            FROM [movements] AS m LEFT JOIN ({Owners}) AS o ON o.bucket = m.bucket AND o.entry = m.entry AND o.household = m.household
            WHERE o.entry IS NULL
            """),
        new(Invariant.DoubleEntry, "entry-once", "An entry number stands for one thing.", $"""
            SELECT entry, count(*) AS times, min(kind) AS kind, max(kind) AS other_kind FROM ({Owners}) AS o GROUP BY entry HAVING count(*) > 1
            """),
        new(Invariant.DoubleEntry, "entry-moves", "Whatever has an entry number has movements, but a disbursement that was not approved.", $"""
            SELECT o.bucket, o.entry, o.household, o.kind
            FROM ({Owners}) AS o LEFT JOIN (SELECT DISTINCT bucket, entry FROM [movements]) AS m ON m.bucket = o.bucket AND m.entry = o.entry
            WHERE o.moves = 1 AND m.entry IS NULL
            """),
        new(Invariant.DoubleEntry, "entry-numbers", "Entry numbers are below the next free one, and the movements of an entry are numbered from 0 without a gap.", """
            SELECT m.bucket, m.entry, count(*) AS movements, max(m.ordinal) AS last_ordinal FROM [movements] AS m
            GROUP BY m.bucket, m.entry
            HAVING min(m.ordinal) <> 0 OR max(m.ordinal) <> count(*) - 1 OR m.entry >= (SELECT max(next) FROM [entry_blocks])
            """),
        new(Invariant.DoubleEntry, "entry-undoes", "Only the movements of a reversal or a refund undo something, and they all undo what it names.", """
            SELECT m.bucket, m.entry, m.ordinal, m.undoes, r.undoes AS named
            FROM [movements] AS m
            LEFT JOIN (SELECT bucket, entry, undoes FROM [reversals] UNION ALL SELECT bucket, entry, undoes FROM [refunds]) AS r ON r.bucket = m.bucket AND r.entry = m.entry
            WHERE (m.undoes IS NULL) <> (r.entry IS NULL) OR m.undoes <> r.undoes
            """),
        new(Invariant.DoubleEntry, "reversal-mirrors", "A reversal has, for each movement that it undoes, the opposite one; what a card had comes back to its household.", """
            SELECT m.bucket, r.entry, m.ordinal, m.entry AS undoes, m.amount
            FROM [reversals] AS r JOIN [movements] AS m ON m.bucket = r.bucket AND m.entry = r.undoes
            LEFT JOIN [movements] AS o ON o.bucket = r.bucket AND o.entry = r.entry AND o.ordinal = m.ordinal
            WHERE o.entry IS NULL OR o.quota <> m.quota OR o.period <> m.period OR o.unit <> m.unit OR o.amount <> m.amount OR o.household <> m.household
               OR o.debit_kind <> m.credit_kind OR o.debit_owner <> m.credit_owner
               OR o.credit_kind <> CASE m.debit_kind WHEN 3 THEN 2 ELSE m.debit_kind END
               OR o.credit_owner <> CASE m.debit_kind WHEN 3 THEN m.household ELSE m.debit_owner END
            """),
        new(Invariant.DoubleEntry, "reversal-nothing-more", "A reversal has no movement that is the opposite of none.", """
            SELECT o.bucket, o.entry, o.ordinal, r.undoes, o.amount
            FROM [reversals] AS r JOIN [movements] AS o ON o.bucket = r.bucket AND o.entry = r.entry
            LEFT JOIN [movements] AS m ON m.bucket = r.bucket AND m.entry = r.undoes AND m.ordinal = o.ordinal
            WHERE m.entry IS NULL
            """),
        new(Invariant.DoubleEntry, "reversal-of-approved", "A reversal names the approved disbursement of its own (card, ATC), and no two name the same.", """
            SELECT r.bucket, r.card, r.atc, r.entry, r.undoes, d.entry AS disbursement, d.status
            FROM [reversals] AS r LEFT JOIN [disbursements] AS d ON d.bucket = r.bucket AND d.card = r.card AND d.atc = r.atc
            WHERE d.entry IS NULL OR d.status <> 1 OR d.entry <> r.undoes OR d.household <> r.household
            """),
    ];
}
