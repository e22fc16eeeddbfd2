using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Tables;

/// <summary>
/// The ledger's tables. No reference crosses a bucket, and none is declared: the path writes all rows of an entry in one statement. What stands inside a row
/// is spread out by views (<see cref="LedgerViews"/>), which no model maps.
/// </summary>
internal sealed class DisbursementsDbContext(ModuleDatabase database) : ModuleDbContext(database, SchemaName)
{
    public const string SchemaName = "disbursements";

    public DbSet<DisbursementRow> Disbursements => Set<DisbursementRow>();

    public DbSet<FraudCaseRow> FraudCases => Set<FraudCaseRow>();

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<HouseholdRow>(table =>
        {
            table.ToTable("households", checks => checks.HasCheckConstraint("ck_disbursements_households_nothing_below_zero", LedgerChecks.NothingBelowZero));
            table.HasKey(row => new { row.Bucket, row.Household });
        });
        modelBuilder.Entity<ClosedBalanceRow>(table =>
        {
            table.ToTable("closed_balances", checks =>
            {
                checks.HasCheckConstraint("ck_disbursements_closed_balances_within_limit", LedgerChecks.WithinLimit);
                checks.HasCheckConstraint("ck_disbursements_closed_balances_not_negative", LedgerChecks.NotNegative);
            });
            table.HasKey(row => new { row.Bucket, row.Household, row.Period, row.Quota });
        });
        modelBuilder.Entity<ClosedAllowanceRow>(table =>
        {
            table.ToTable("closed_allowances", checks => checks.HasCheckConstraint("ck_disbursements_closed_allowances_within_grant", LedgerChecks.WithinGrant));
            table.HasKey(row => new { row.Bucket, row.Card, row.Period, row.Quota });
        });
        modelBuilder.Entity<DisbursementRow>(table =>
        {
            table.ToTable("disbursements");
            table.HasKey(row => new { row.Bucket, row.Card, row.Atc });
            table.HasIndex(row => new { row.DrawnOn, row.Terminal });
        });
        modelBuilder.Entity<MovementRow>(table =>
        {
            table.ToTable("movements", checks => checks.HasCheckConstraint("ck_disbursements_movements_moves", LedgerChecks.Moves));
            table.HasKey(row => new { row.Bucket, row.Entry, row.Ordinal });
        });
        modelBuilder.Entity<LendingRow>().ToTable("lendings").HasKey(row => new { row.Bucket, row.Card, row.ScriptCounter });
        modelBuilder.Entity<ReversalRow>().ToTable("reversals").HasKey(row => new { row.Bucket, row.Card, row.Atc });
        modelBuilder.Entity<CreditRow>().ToTable("credits").HasKey(row => new { row.Bucket, row.CreditId });
        modelBuilder.Entity<RefundRow>().ToTable("refunds").HasKey(row => new { row.Bucket, row.Card, row.Atc, row.RefundId });
        modelBuilder.Entity<RefundLineRow>(table =>
        {
            table.ToTable("refund_lines");
            table.HasKey(row => new { row.Bucket, row.Card, row.Atc, row.RefundId, row.Programme });
            table.HasIndex(row => new { row.RefundedOn, row.Terminal });
        });
        modelBuilder.Entity<ExpiryRow>().ToTable("expiries").HasKey(row => new { row.Bucket, row.Entry });
        modelBuilder.Entity<RolloverRow>().ToTable("rollovers").HasKey(row => new { row.Quota, row.Period, row.Target });
        modelBuilder.Entity<FraudCaseRow>().ToTable("fraud_cases").HasKey(row => new { row.Bucket, row.Card, row.Atc, row.Kind, row.ContentHash });
        modelBuilder.Entity<RefusedRecordRow>().ToTable("refused_records").HasKey(row => new { row.Bucket, row.Card, row.Atc, row.ContentHash, row.Reason });
        modelBuilder.Entity<EntryBlockRow>(table =>
        {
            table.ToTable("entry_blocks");
            table.HasKey(row => row.Id);
            table.Property(row => row.Id).ValueGeneratedNever();
        });
    }
}

/// <summary>Invariants that a constraint can hold; the same text in model and migration.</summary>
internal static class LedgerChecks
{
    /// <summary>
    /// Invariants 2 and 4: whatever a program believes, no balance is below zero or passes the limit under which it was written. A household's state has what is left
    /// of a limit in place of the limit, so a broken one has a minus sign.
    /// </summary>
    public const string NothingBelowZero = "state NOT LIKE '%-%'";

    /// <summary>The same for a period that is closed.</summary>
    public const string WithinLimit = "consumed + lent <= quota_limit";
    public const string NotNegative = "consumed >= 0 AND lent >= 0 AND credited >= 0 AND day_consumed >= 0";
    public const string WithinGrant = "settled >= 0 AND settled <= granted";
    public const string Moves = "amount > 0";
}
