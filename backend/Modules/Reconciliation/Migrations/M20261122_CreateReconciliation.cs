using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Reconciliation.Tables;

namespace SmartCard.Backend.Reconciliation.Migrations;

[DbContext(typeof(ReconciliationDbContext))]
[Migration("20261122_0001_CreateReconciliation")]
internal sealed class M20261122_CreateReconciliation : ModuleMigration
{
    // As it was on this date: a later change of the model's text must not change what this migration makes.
    private const string AddsUp =
        "recorded = matched + late + missing_at_merchant + amount_differs AND claimed = matched + late + missing_at_ministry + amount_differs + duplicate";

    protected override string Schema => ReconciliationDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateRuns(migrationBuilder);
        CreateTotals(migrationBuilder);
        CreateBreaks(migrationBuilder);
    }

    private void CreateRuns(MigrationBuilder builder)
    {
        Create(
            builder,
            "runs",
            table => new
            {
                run_id = Identity(table),
                business_date = table.Column<DateOnly>(),
                ran_at = table.Column<long>(),
                actor = table.Column<string>(),
                recorded = table.Column<long>(),
                claimed = table.Column<long>(),
                matched = table.Column<long>(),
                late = table.Column<long>(),
                missing_at_merchant = table.Column<long>(),
                missing_at_ministry = table.Column<long>(),
                amount_differs = table.Column<long>(),
                duplicate = table.Column<long>(),
                recorded_subsidy_minor = table.Column<long>(),
                recorded_citizen_paid_minor = table.Column<long>(),
                claimed_citizen_paid_minor = table.Column<long>(),
            },
            columns => columns.run_id,
            table => table.CheckConstraint("ck_reconciliation_runs_adds_up", AddsUp));
        Index(builder, "runs", ["business_date"]);
        Create(
            builder,
            "dates",
            table => new { business_date = table.Column<DateOnly>(), run_id = table.Column<long>() },
            columns => columns.business_date,
            table => ForeignKey(table, "dates", "run_id", columns => columns.run_id, "runs", "run_id"));
        Index(builder, "dates", ["run_id"]);
    }

    private void CreateTotals(MigrationBuilder builder) =>
        Create(
            builder,
            "terminal_totals",
            table => new
            {
                run_id = table.Column<long>(),
                merchant_id = table.Column<long>(),
                terminal_id = table.Column<string>(),
                recorded = table.Column<long>(),
                claimed = table.Column<long>(),
                matched = table.Column<long>(),
                late = table.Column<long>(),
                missing_at_merchant = table.Column<long>(),
                missing_at_ministry = table.Column<long>(),
                amount_differs = table.Column<long>(),
                duplicate = table.Column<long>(),
                recorded_subsidy_minor = table.Column<long>(),
                recorded_citizen_paid_minor = table.Column<long>(),
                claimed_citizen_paid_minor = table.Column<long>(),
            },
            columns => new { columns.run_id, columns.merchant_id, columns.terminal_id },
            table =>
            {
                table.CheckConstraint("ck_reconciliation_terminal_totals_adds_up", AddsUp);
                ForeignKey(table, "terminal_totals", "run_id", columns => columns.run_id, "runs", "run_id");
            });

    private void CreateBreaks(MigrationBuilder builder)
    {
        Create(
            builder,
            "breaks",
            table => new
            {
                break_id = Identity(table),
                run_id = table.Column<long>(),
                kind = table.Column<int>(),
                transaction_id = table.Column<byte[]>(),
                programme = table.Column<int>(),
                merchant_id = table.Column<long>(),
                terminal_id = table.Column<string>(),
                occurrence = table.Column<int>(),
                recorded_quantity = table.Column<long>(),
                claimed_quantity = table.Column<long>(),
                recorded_citizen_paid_minor = table.Column<long>(),
                claimed_citizen_paid_minor = table.Column<long>(),
                business_date = table.Column<DateOnly>(),
                owner = table.Column<string>(),
                opened_on = table.Column<DateOnly>(),
            },
            columns => columns.break_id,
            table =>
            {
                table.CheckConstraint("ck_reconciliation_breaks_owner", "owner IN ('merchant', 'operations', 'fraud')");
                ForeignKey(table, "breaks", "run_id", columns => columns.run_id, "runs", "run_id");
            });
        Index(builder, "breaks", ["run_id", "break_id"]);
    }
}
