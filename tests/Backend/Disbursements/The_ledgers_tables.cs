using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>What the database itself holds, whoever writes: no row of the ledger is changed, deleted or emptied away; no balance passes its limit or falls below zero.</summary>
public abstract class The_ledgers_tables(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;

    public static TheoryData<string> Guarded => [.. LedgerGuards.Tables];

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        await _world.FillEveryTableAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Refuse_to_change_a_row(string table) =>
        Assert.Contains("the ledger only grows", (await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"UPDATE {Name(table)} SET bucket = bucket"))).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Refuse_to_delete_a_row(string table) =>
        Assert.Contains("the ledger only grows", (await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"DELETE FROM {Name(table)}"))).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Refuse_to_be_emptied(string table)
    {
        // SQLite has no TRUNCATE: its DELETE without WHERE fires the row triggers.
        var verb = database.Database.Provider == Backend.Platform.Databases.DatabaseProvider.Postgres ? "TRUNCATE" : "DELETE FROM";

        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"{verb} {Name(table)}"));
    }

    [Theory]
    [InlineData("""{"balances":[[1,20261100,601,0,-1,0,20261122,1]],"allowances":[],"cards":[]}""")] // more than the limit
    [InlineData("""{"balances":[[1,20261100,-1,0,601,0,20261122,1]],"allowances":[],"cards":[]}""")]
    [InlineData("""{"balances":[[1,20261100,0,-1,601,0,20261122,1]],"allowances":[],"cards":[]}""")]
    [InlineData("""{"balances":[[1,20261100,1,0,599,0,20261122,-1]],"allowances":[],"cards":[]}""")]
    [InlineData("""{"balances":[],"allowances":[[6030000000000001,1,20261100,20,-1,16]],"cards":[]}""")] // settled beyond what was lent
    public async Task Refuse_a_household_with_anything_below_zero(string state) =>
        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"UPDATE {Name("households")} SET state = '{state}'"));

    [Theory]
    [InlineData("600, 1, 0, 600, 0, 0")]
    [InlineData("-1, 0, 0, 600, 0, 0")]
    [InlineData("0, -1, 0, 600, 0, 0")]
    [InlineData("0, 0, 0, 600, 0, -1")]
    public async Task Refuse_a_closed_balance_outside_its_limits(string values) =>
        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync(
            $"INSERT INTO {Name("closed_balances")} (bucket, household, period, quota, consumed, lent, credited, quota_limit, day, day_consumed) VALUES (1, 1, 20260100, 1, {values})"));

    [Fact]
    public async Task Refuse_a_closed_allowance_that_was_settled_beyond_what_was_lent() =>
        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync(
            $"INSERT INTO {Name("closed_allowances")} (bucket, card, period, quota, household, granted, settled, script_counter) VALUES (1, 1, 20260100, 1, 1, 20, 21, 16)"));

    /// <summary>The version's turn owns the key, so that no honest program ever gets here; the key holds where a program is wrong.</summary>
    [Fact]
    public async Task Refuse_a_second_disbursement_of_one_card_and_counter()
    {
        var columns = LedgerColumns.Disbursements.Names;
        var others = columns.Replace(" entry,", " entry + 1000000,", StringComparison.Ordinal);
        Assert.NotEqual(columns, others);

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"INSERT INTO {Name("disbursements")} ({columns}) SELECT {others} FROM {Name("disbursements")}"));

        Assert.Contains("unique", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Have_the_columns_that_the_path_writes()
    {
        await using var context = new DisbursementsDbContext(database.Database);
        var model = context.Model.GetEntityTypes().ToDictionary(
            type => type.GetTableName()!.Replace("disbursements_", "", StringComparison.Ordinal),
            type => type.GetProperties().Select(property => property.GetColumnName()).Order(StringComparer.Ordinal).ToArray());

        Compare(LedgerColumns.Households.Table, LedgerColumns.Households.Names);
        Compare(LedgerColumns.ClosedBalances.Table, LedgerColumns.ClosedBalances.Names);
        Compare(LedgerColumns.ClosedAllowances.Table, LedgerColumns.ClosedAllowances.Names);
        Compare(LedgerColumns.Disbursements.Table, LedgerColumns.Disbursements.Names);
        Compare(LedgerColumns.Movements.Table, LedgerColumns.Movements.Names);
        Compare(LedgerColumns.Lendings.Table, LedgerColumns.Lendings.Names);
        Compare(LedgerColumns.Reversals.Table, LedgerColumns.Reversals.Names);
        Compare(LedgerColumns.Credits.Table, LedgerColumns.Credits.Names);
        Compare(LedgerColumns.Refunds.Table, LedgerColumns.Refunds.Names);
        Compare(LedgerColumns.RefundLines.Table, LedgerColumns.RefundLines.Names);
        Compare(LedgerColumns.Expiries.Table, LedgerColumns.Expiries.Names);
        Compare(LedgerColumns.FraudCases.Table, LedgerColumns.FraudCases.Names);
        Compare(LedgerColumns.RefusedRecords.Table, LedgerColumns.RefusedRecords.Names);

        void Compare(string table, string names) => Assert.Equal(model[table], names.Split(", ").Order(StringComparer.Ordinal));
    }

    private string Name(string table) => database.Database.Table(DisbursementsDbContext.SchemaName, table);

    private Task ExecuteAsync(string sql) => _world.ExecuteAsync(sql);
}

public sealed class The_ledgers_tables_on_sqlite(SqliteTestDatabase database) : The_ledgers_tables(database), IClassFixture<SqliteTestDatabase>;

public sealed class The_ledgers_tables_on_postgres(PostgresTestDatabase database) : The_ledgers_tables(database), IClassFixture<PostgresTestDatabase>;
