namespace SmartCard.Backend.Disbursements.Tables;

/// <summary>
/// The ledger only grows: the database itself refuses to change or delete its rows, whoever asks. A second guard, the role that the
/// backend runs under, is described in backend/docs/decisions/0001.
/// </summary>
internal static class LedgerGuards
{
    /// <summary>Tables whose rows are never changed and never deleted.</summary>
    public static readonly IReadOnlyList<string> Tables =
        ["disbursements", "disbursement_lines", "movements", "lendings", "reversals", "credits", "fraud_cases", "refused_records"];

    /// <summary>Tables that every draw updates in place: room is left in their pages, so that an update stays in its page and touches no index.</summary>
    private static readonly IReadOnlyList<string> Updated = ["households", "balances", "allowances"];

    public static IEnumerable<string> Statements(Func<string, string> nameOf, bool isSqlite) =>
        isSqlite ? OnSqlite(nameOf) : OnPostgres(nameOf);

    private static IEnumerable<string> OnSqlite(Func<string, string> nameOf)
    {
        foreach (var table in Tables)
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

    private static IEnumerable<string> OnPostgres(Func<string, string> nameOf)
    {
        yield return $"""
            CREATE FUNCTION {nameOf("refuse_change")}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              RAISE EXCEPTION 'the ledger only grows: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """;
        foreach (var table in Tables)
        {
            yield return $"CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON {nameOf(table)} FOR EACH ROW EXECUTE FUNCTION {nameOf("refuse_change")}()";
            yield return $"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {nameOf(table)} FOR EACH STATEMENT EXECUTE FUNCTION {nameOf("refuse_change")}()";
        }
        foreach (var table in Updated)
            yield return $"ALTER TABLE {nameOf(table)} SET (fillfactor = 70)";
    }
}
