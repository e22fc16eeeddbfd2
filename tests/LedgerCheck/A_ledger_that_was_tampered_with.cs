using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Reports;
using SmartCard.LedgerCheck.Tests.Support;

namespace SmartCard.LedgerCheck.Tests;

/// <summary>
/// As the backend wrote it, every promise holds. Each way of spoiling it, past every guard, is found by the check that is there for it, and the row is shown. A
/// guard that is gone, or lets something through, is found itself.
/// </summary>
public abstract class A_ledger_that_was_tampered_with(WrittenLedger written)
{
    public static TheoryData<string, int> Ways
    {
        get
        {
            var ways = new TheoryData<string, int>();
            for (var way = 0; way < Spoiling.All.Count; way++)
                ways.Add(Spoiling.All[way].Check, way);
            return ways;
        }
    }

    [Fact]
    public async Task Holds_before_that()
    {
        await using var ledger = await written.CopyAsync();

        var report = await ledger.CheckAsync();

        Assert.Equal([], report.BrokenChecks.SelectMany(Words));
        Assert.Equal([1, 2, 3, 4, 6, 9], report.Invariants.Where(invariant => invariant.Verdict == Verdict.Held).Select(invariant => invariant.Invariant.Number));
        Assert.True(report.Rows > 100);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_found_out_by_the_check_that_is_there_for_it(string check, int way)
    {
        var spoiling = Spoiling.All[way];
        await using var ledger = await written.CopyAsync();
        // Asked before, for afterwards the row may not be found any more.
        var row = await ledger.AskAsync(spoiling.Row);

        if (spoiling.Edit is { } edit)
            await ledger.SpoilAsync(edit);
        else
            await ledger.SpoilAsync(spoiling.Sql);

        var report = await ledger.CheckAsync();
        var found = Assert.Single(report.BrokenChecks, broken => broken.Name == check);
        Assert.Contains(Words(found), shown => (" " + shown).Contains(row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Has_a_way_of_spoiling_it_for_every_check_of_the_database()
    {
        await using var ledger = await written.CopyAsync();

        var checks = (await ledger.CheckAsync()).Invariants.SelectMany(invariant => invariant.Checks).Where(check => check.Finding is not Finding.NotApplicable).Select(check => check.Name);

        Assert.Equal(checks.Except(["only-grows", "refuses-unsound"]).Order(StringComparer.Ordinal), Spoiling.All.Select(spoiling => spoiling.Check).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("DROP TRIGGER disbursements_movements_no_update", "DROP TRIGGER only_grows ON disbursements.movements", "table=movements allows=UPDATE")]
    [InlineData("DROP TRIGGER disbursements_lendings_no_delete", "ALTER TABLE disbursements.lendings DISABLE TRIGGER only_grows", "table=lendings allows=DELETE")]
    [InlineData(
        "DROP TRIGGER disbursements_reversals_no_update; CREATE TRIGGER disbursements_reversals_no_update BEFORE UPDATE ON disbursements_reversals WHEN old.atc = 0 BEGIN SELECT RAISE(ABORT, 'never'); END",
        "DROP TRIGGER only_grows ON disbursements.reversals; CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON disbursements.reversals FOR EACH ROW WHEN (old.atc = 0) EXECUTE FUNCTION disbursements.refuse_change()",
        "table=reversals allows=UPDATE")]
    public async Task Is_found_out_by_its_missing_guard(string onSqlite, string onPostgres, string row)
    {
        await using var ledger = await written.CopyAsync();

        await ledger.AlterAsync(onSqlite, onPostgres);

        var found = Assert.Single((await ledger.CheckAsync()).BrokenChecks);
        Assert.Equal("only-grows", found.Name);
        Assert.Contains(row, Words(found));
    }

    [Theory]
    [InlineData(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'CHECK (state NOT LIKE ''%-%'')', 'CHECK (1 = 1)') WHERE name = 'disbursements_households'",
        "ALTER TABLE disbursements.households DROP CONSTRAINT ck_disbursements_households_nothing_below_zero", "table=households misses=stateNOTLIKE'%-%'")]
    [InlineData(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'CHECK (amount > 0)', 'CHECK (amount > 0 OR ordinal = 7)') WHERE name = 'disbursements_movements'",
        """
        ALTER TABLE disbursements.movements DROP CONSTRAINT ck_disbursements_movements_moves;
        ALTER TABLE disbursements.movements ADD CONSTRAINT ck_disbursements_movements_moves CHECK (amount > 0 OR ordinal = 7)
        """,
        "table=movements misses=amount>0")]
    public async Task Is_found_out_by_what_it_would_not_refuse_any_more(string onSqlite, string onPostgres, string row)
    {
        await using var ledger = await written.CopyAsync();

        await ledger.AlterAsync(onSqlite, onPostgres);

        var found = Assert.Single((await ledger.CheckAsync()).BrokenChecks);
        Assert.Equal("refuses-unsound", found.Name);
        Assert.Equal([row], Words(found));
    }

    [Fact]
    public async Task Shows_as_many_rows_as_are_asked_for_and_counts_all()
    {
        await using var ledger = await written.CopyAsync();
        await ledger.SpoilAsync(DocumentEdit.OfStates("1 = 1", state =>
        {
            foreach (var balance in state["balances"]!.AsArray())
                balance![2] = (long)balance[2]! + 1;
        }));
        await using var snapshot = await ledger.OpenForCheckAsync();

        var report = await LedgerChecker.RunAsync(snapshot, new CheckRequest { RowsMax = 2 }, TimeProvider.System, CancellationToken.None);

        var found = Assert.IsType<Finding.Broken>(report.BrokenChecks.Single(check => check.Name == "balance-replay").Finding);
        Assert.Equal(2, found.Rows.Count);
        Assert.True(found.Count > 5);
    }

    private static IEnumerable<string> Words(CheckResult check) => ((Finding.Broken)check.Finding).Rows.Select(row => row.ToString());
}

public sealed class A_ledger_that_was_tampered_with_on_sqlite(SqliteWrittenLedger written) : A_ledger_that_was_tampered_with(written), IClassFixture<SqliteWrittenLedger>;

public sealed class A_ledger_that_was_tampered_with_on_postgres(PostgresWrittenLedger written) : A_ledger_that_was_tampered_with(written), IClassFixture<PostgresWrittenLedger>;
