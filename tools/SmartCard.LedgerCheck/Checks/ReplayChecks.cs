namespace SmartCard.LedgerCheck.Checks;

/// <summary>Invariants 2 and 4: every balance and allowance again, from the movements alone.</summary>
internal static class ReplayChecks
{
    /// <summary>What was drawn of a quota on each day and neither undone nor brought back since: goods that have a line, for caps are not counted by the day. CROSS JOIN: SQLite keeps to its order.</summary>
    private const string DrawnByDay = """
        SELECT m.bucket, m.household, m.period, m.quota, d.drawn_on, CAST(sum(CASE WHEN r.entry IS NULL THEN m.amount - coalesce(b.amount, 0) ELSE 0 END) AS bigint) AS amount
        FROM [disbursements] AS d CROSS JOIN [movements] AS m
        LEFT JOIN [reversals] AS r ON r.bucket = d.bucket AND r.card = d.card AND r.atc = d.atc
        LEFT JOIN (SELECT o.bucket, o.undoes, o.quota, o.unit, CAST(sum(o.amount) AS bigint) AS amount
                   FROM [refunds] AS f CROSS JOIN [movements] AS o WHERE o.bucket = f.bucket AND o.entry = f.entry AND o.credit_kind = 2 GROUP BY o.bucket, o.undoes, o.quota, o.unit) AS b
          ON b.bucket = m.bucket AND b.undoes = m.entry AND b.quota = m.quota AND b.unit = m.unit
        WHERE m.bucket = d.bucket AND m.entry = d.entry AND d.status = 1 AND m.debit_kind IN (2, 3) AND m.credit_kind = 4
          AND EXISTS (SELECT 1 FROM [disbursement_lines] AS l WHERE l.bucket = m.bucket AND l.card = d.card AND l.atc = d.atc AND l.unit = m.unit)
        GROUP BY m.bucket, m.household, m.period, m.quota, d.drawn_on
        """;

    public static readonly IReadOnlyList<SqlCheck> All =
    [
        new(Invariant.Replay, "balance-not-negative", "No balance is below zero.", """
            SELECT bucket, household, period, quota, consumed, lent, credited, day_consumed FROM [balances]
            WHERE consumed < 0 OR lent < 0 OR credited < 0 OR day_consumed < 0
            """),
        new(Invariant.Replay, "balance-replay", "A balance is what its household's movements of its quota and period come to, and where there are movements there is a balance.", BothWays.Sql(
            """
            coalesce(k.bucket, r.bucket) AS bucket, coalesce(k.household, r.household) AS household, coalesce(k.period, r.period) AS period, coalesce(k.quota, r.quota) AS quota,
            k.consumed, r.consumed AS replayed_consumed, k.lent, r.lent AS replayed_lent, k.credited, r.credited AS replayed_credited
            """,
            "[balances]", $"({Transfers.Balances})",
            "r.bucket = k.bucket AND r.household = k.household AND r.period = k.period AND r.quota = k.quota",
            "k.consumed <> r.consumed OR k.lent <> r.lent OR k.credited <> r.credited")),
        new(Invariant.Replay, "balance-day", "A balance's latest day and what was drawn on it are those of the disbursements.", $"""
            SELECT b.bucket, b.household, b.period, b.quota, b.day, t.drawn_on AS replayed_day, b.day_consumed, coalesce(t.amount, 0) AS replayed_day_consumed
            FROM [balances] AS b
            LEFT JOIN (SELECT by_day.*, row_number() OVER (PARTITION BY bucket, household, period, quota ORDER BY drawn_on DESC) AS latest FROM ({DrawnByDay}) AS by_day) AS t
              ON t.bucket = b.bucket AND t.household = b.household AND t.period = b.period AND t.quota = b.quota AND t.latest = 1
            WHERE b.day <> coalesce(t.drawn_on, 0) OR b.day_consumed <> coalesce(t.amount, 0)
            """),
        new(Invariant.Replay, "allowance-replay", "A card's allowance is what was lent to it and what it spent or gave back, by the movements.", BothWays.Sql(
            """
            coalesce(k.bucket, r.bucket) AS bucket, coalesce(k.card, r.card) AS card, coalesce(k.period, r.period) AS period, coalesce(k.quota, r.quota) AS quota,
            k.granted, r.granted AS replayed_granted, k.settled, r.settled AS replayed_settled
            """,
            "[allowances]",
            $"""
            (SELECT m.bucket, CASE m.debit_kind WHEN 3 THEN m.debit_owner ELSE m.credit_owner END AS card, m.period, m.quota, m.household,
                    CAST(sum({Transfers.Granted}) AS bigint) AS granted, CAST(sum({Transfers.Settled}) AS bigint) AS settled
             FROM [movements] AS m WHERE m.debit_kind = 3 OR m.credit_kind = 3
             GROUP BY m.bucket, CASE m.debit_kind WHEN 3 THEN m.debit_owner ELSE m.credit_owner END, m.period, m.quota, m.household)
            """,
            "r.bucket = k.bucket AND r.card = k.card AND r.period = k.period AND r.quota = k.quota AND r.household = k.household",
            "k.granted <> r.granted OR k.settled <> r.settled OR r.settled > r.granted")),
        new(Invariant.Replay, "lent-on-cards", "What a household has lent is what its cards have outstanding.", """
            SELECT b.bucket, b.household, b.period, b.quota, b.lent, coalesce(a.outstanding, 0) AS outstanding
            FROM [balances] AS b
            LEFT JOIN (SELECT bucket, household, period, quota, CAST(sum(granted - settled) AS bigint) AS outstanding FROM [allowances] GROUP BY bucket, household, period, quota) AS a
              ON a.bucket = b.bucket AND a.household = b.household AND a.period = b.period AND a.quota = b.quota
            WHERE b.lent <> coalesce(a.outstanding, 0)
            """),
        new(Invariant.Replay, "lending-granted", "A lending says its movement's amount and, in the order of its card's script counters, the running total of the period.", """
            SELECT bucket, card, script_counter, quota, period, amount, moved, granted, total FROM (
                SELECT l.bucket, l.card, l.script_counter, l.quota, l.period, l.amount, l.granted, m.amount AS moved,
                       CAST(sum(l.amount) OVER (PARTITION BY l.bucket, l.card, l.period, l.quota ORDER BY l.script_counter) AS bigint) AS total
                FROM [lendings] AS l
                LEFT JOIN [movements] AS m ON m.bucket = l.bucket AND m.entry = l.entry AND m.ordinal = 0 AND m.debit_kind = 2 AND m.credit_kind = 3 AND m.credit_owner = l.card
                  AND m.quota = l.quota AND m.period = l.period AND m.household = l.household) AS numbered
            WHERE granted <> total OR moved IS NULL OR moved <> amount
            """),
        new(Invariant.Replay, "lending-counter", "A script counter follows from its household's version when it was given: sixteen for each, none above the version in force.", """
            SELECT l.bucket, l.household, l.card, l.script_counter, h.version
            FROM [lendings] AS l LEFT JOIN [households] AS h ON h.bucket = l.bucket AND h.household = l.household
            WHERE h.version IS NULL OR l.script_counter < 1 OR l.script_counter / 16 > h.version
            """),
        new(Invariant.Replay, "lending-allowance", "An allowance's total and script are those of its card's last lending, and the sum of its lendings.", BothWays.Sql(
            """
            coalesce(k.bucket, r.bucket) AS bucket, coalesce(k.card, r.card) AS card, coalesce(k.period, r.period) AS period, coalesce(k.quota, r.quota) AS quota,
            k.granted, r.amount AS lent, k.script_counter, r.script_counter AS last_script
            """,
            "[allowances]",
            "(SELECT bucket, card, period, quota, CAST(sum(amount) AS bigint) AS amount, max(script_counter) AS script_counter FROM [lendings] GROUP BY bucket, card, period, quota)",
            "r.bucket = k.bucket AND r.card = k.card AND r.period = k.period AND r.quota = k.quota",
            "k.granted <> r.amount OR k.script_counter <> r.script_counter")),
        new(Invariant.Replay, "credit-moves", "A credit has the one movement that it says, from a fund to its household; beside it, at most the one that turned the rest of a period in.", $"""
            SELECT c.bucket, c.entry, c.household, c.quota, c.period, c.amount, m.credited, m.turned_in, m.movements
            FROM [credits] AS c LEFT JOIN (
                SELECT m.bucket, m.entry, count(*) AS movements, sum(CASE {Transfers.Pair} WHEN {Transfers.TurnedIn} THEN 1 ELSE 0 END) AS turned_in,
                       CAST(sum({Transfers.Credits}) AS bigint) AS credited FROM [movements] AS m GROUP BY m.bucket, m.entry) AS m
              ON m.bucket = c.bucket AND m.entry = c.entry
            WHERE m.entry IS NULL OR m.credited <> c.amount OR m.turned_in > 1 OR m.movements <> 1 + m.turned_in
               OR NOT EXISTS (SELECT 1 FROM [movements] AS o WHERE o.bucket = c.bucket AND o.entry = c.entry AND o.debit_kind = 1 AND o.credit_kind = 2
                              AND o.household = c.household AND o.quota = c.quota AND o.period = c.period)
            """),
        new(Invariant.Replay, "turned-in-for-credit", "What is taken from the rest of a period became a credit in the same entry.", $"""
            SELECT m.bucket, m.entry, m.ordinal, m.quota, m.period, m.amount
            FROM [movements] AS m LEFT JOIN [credits] AS c ON c.bucket = m.bucket AND c.entry = m.entry AND c.household = m.household
            WHERE {Transfers.Pair} = {Transfers.TurnedIn} AND (c.entry IS NULL OR c.period <= m.period OR c.quota = m.quota)
            """),
        new(Invariant.Replay, "expiry-moves", "An expiry has the one movement that it says, from its card to its household.", """
            SELECT e.bucket, e.entry, e.card, e.quota, e.period, e.amount, m.amount AS moved
            FROM [expiries] AS e
            LEFT JOIN [movements] AS m ON m.bucket = e.bucket AND m.entry = e.entry AND m.ordinal = 0 AND m.debit_kind = 3 AND m.debit_owner = e.card AND m.credit_kind = 2
              AND m.household = e.household AND m.quota = e.quota AND m.period = e.period
            WHERE m.entry IS NULL OR m.amount <> e.amount OR EXISTS (SELECT 1 FROM [movements] AS o WHERE o.bucket = e.bucket AND o.entry = e.entry AND o.ordinal > 0)
            """),
        new(Invariant.Replay, "period-once", "A household's balance of a quota and period, and a card's allowance, stand once, open or closed.", """
            SELECT bucket, household, NULL AS card, period, quota, count(*) AS times FROM [balances] GROUP BY bucket, household, period, quota HAVING count(*) > 1
            UNION ALL
            SELECT bucket, min(household), card, period, quota, count(*) FROM [allowances] GROUP BY bucket, card, period, quota HAVING count(*) > 1
            """),
        new(Invariant.Replay, "period-closed", "What stands beside a household's document is of a time that the document says is closed.", """
            SELECT c.bucket, c.household, c.period, c.quota, h.closed_before
            FROM (SELECT bucket, household, period, quota FROM [closed_balances] UNION ALL SELECT bucket, household, period, quota FROM [closed_allowances]) AS c
            LEFT JOIN [closings] AS h ON h.bucket = c.bucket AND h.household = c.household
            WHERE h.closed_before IS NULL OR c.period >= h.closed_before
            """),
        new(Invariant.Replay, "household-turn", "A household that has anything in the ledger has its turn, at version 1 or more.", """
            SELECT b.bucket, b.household, h.version
            FROM (SELECT bucket, household FROM [balances] UNION SELECT bucket, household FROM [disbursements]) AS b
            LEFT JOIN [households] AS h ON h.bucket = b.bucket AND h.household = b.household
            WHERE h.version IS NULL OR h.version < 1
            """),
        new(Invariant.WithinQuota, "balance-within-limit", "Consumed and lent, as the balance says and as its movements say, are within the limit under which they were written.", $"""
            SELECT b.bucket, b.household, b.period, b.quota, b.consumed, b.lent, b.quota_limit, p.consumed AS replayed_consumed, p.lent AS replayed_lent
            FROM [balances] AS b LEFT JOIN ({Transfers.Balances}) AS p
              ON p.bucket = b.bucket AND p.household = b.household AND p.period = b.period AND p.quota = b.quota
            WHERE b.consumed + b.lent > b.quota_limit OR p.consumed + p.lent > b.quota_limit
            """),
        new(Invariant.WithinQuota, "allowance-within-grant", "A card has settled no more than it was lent.", """
            SELECT bucket, card, period, quota, granted, settled FROM [allowances] WHERE settled < 0 OR settled > granted
            """),
    ];
}
