namespace SmartCard.Backend.Disbursements.Tables;

/// <summary>
/// The ledger only grows: the database itself refuses to change or delete its rows, whoever asks. A second guard, the role that the
/// backend runs under, is described in backend/docs/decisions/0001.
/// </summary>
internal static class LedgerGuards
{
    private static readonly IReadOnlyList<string> First =
        ["disbursements", "movements", "lendings", "reversals", "credits", "fraud_cases", "refused_records"];

    private static readonly IReadOnlyList<string> Corrections = ["refunds", "refund_lines", "expiries"];

    /// <summary>Tables whose rows are never changed and never deleted.</summary>
    public static readonly IReadOnlyList<string> Tables = [.. First, .. Corrections];

    /// <summary>For the ledger as it was first made.</summary>
    public static IEnumerable<string> Statements(Func<string, string> nameOf, bool isSqlite) =>
        isSqlite ? OnSqlite(First, nameOf) : [Refuse(nameOf), .. OnPostgres(First, nameOf)];

    /// <summary>For what was added for refunds and expiries.</summary>
    public static IEnumerable<string> OfCorrections(Func<string, string> nameOf, bool isSqlite) =>
        isSqlite ? OnSqlite(Corrections, nameOf) : OnPostgres(Corrections, nameOf);

    private static IEnumerable<string> OnSqlite(IReadOnlyList<string> tables, Func<string, string> nameOf)
    {
        foreach (var table in tables)
        {
            foreach (var verb in new[] { "UPDATE", "DELETE" })
            {
                yield return $"""
                    CREATE TRIGGER {nameOf(table)}_no_{verb.ToLowerInvariant()} BEFORE {verb} ON {nameOf(table)}
                    BEGIN SELECT RAISE(ABORT, 'the ledger only grows: {verb} on {table}'); END
                    """;
            }
        }
    }

    private static string Refuse(Func<string, string> nameOf) => $"""
        CREATE FUNCTION {nameOf("refuse_change")}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'the ledger only grows: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """;

    private static IEnumerable<string> OnPostgres(IReadOnlyList<string> tables, Func<string, string> nameOf)
    {
        foreach (var table in tables)
        {
            yield return $"CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON {nameOf(table)} FOR EACH ROW EXECUTE FUNCTION {nameOf("refuse_change")}()";
            yield return $"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {nameOf(table)} FOR EACH STATEMENT EXECUTE FUNCTION {nameOf("refuse_change")}()";
        }
    }
}
