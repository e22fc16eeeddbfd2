namespace SmartCard.LedgerCheck.Checks;

/// <summary>
/// What a movement means, by the kinds of its accounts (debit * 10 + credit): 1 a fund, 2 a household, 3 a card, 4 a merchant. The
/// checker's own reading of the ledger's decision record; an unknown pair is reported, never skipped.
/// </summary>
internal static class Transfers
{
    /// <summary>The pair of a movement m, to be compared with the constants below.</summary>
    public const string Pair = "m.debit_kind * 10 + m.credit_kind";

    public const string Credited = "12";
    public const string Subsidy = "14";

    /// <summary>The rest of a period, turned into a credit of another quota.</summary>
    public const string TurnedIn = "21";
    public const string Lent = "23";
    public const string Drawn = "24";
    public const string GivenBack = "32";
    public const string Presented = "34";
    public const string SubsidyUndone = "41";
    public const string DrawUndone = "42";

    public const string Known = $"{Credited}, {Subsidy}, {TurnedIn}, {Lent}, {Drawn}, {GivenBack}, {Presented}, {SubsidyUndone}, {DrawUndone}";

    public const string Consumed = $"CASE {Pair} WHEN {Drawn} THEN m.amount WHEN {Presented} THEN m.amount WHEN {TurnedIn} THEN m.amount WHEN {DrawUndone} THEN -m.amount ELSE 0 END";
    public const string OnCards = $"CASE {Pair} WHEN {Lent} THEN m.amount WHEN {Presented} THEN -m.amount WHEN {GivenBack} THEN -m.amount ELSE 0 END";
    public const string Granted = $"CASE {Pair} WHEN {Lent} THEN m.amount ELSE 0 END";
    public const string Settled = $"CASE {Pair} WHEN {Presented} THEN m.amount WHEN {GivenBack} THEN m.amount ELSE 0 END";
    public const string Credits = $"CASE {Pair} WHEN {Credited} THEN m.amount ELSE 0 END";

    /// <summary>One row a household, period and quota: what its movements come to.</summary>
    public const string Balances = $"""
        SELECT m.bucket, m.household, m.period, m.quota,
               CAST(sum({Consumed}) AS bigint) AS consumed, CAST(sum({OnCards}) AS bigint) AS lent, CAST(sum({Credits}) AS bigint) AS credited
        FROM [movements] AS m GROUP BY m.bucket, m.household, m.period, m.quota
        """;
}
