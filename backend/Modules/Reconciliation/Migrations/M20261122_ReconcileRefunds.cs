using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Reconciliation.Tables;

namespace SmartCard.Backend.Reconciliation.Migrations;

/// <summary>Totals of refunds beside those of draws, in the same classes.</summary>
[DbContext(typeof(ReconciliationDbContext))]
[Migration("20261122_0002_ReconcileRefunds")]
internal sealed class M20261122_ReconcileRefunds : ModuleMigration
{
    // As it was on this date: a later change of the model's text must not change what this migration makes.
    private const string AddsUp =
        "recorded = matched + late + missing_at_merchant + amount_differs AND claimed = matched + late + missing_at_ministry + amount_differs + duplicate";

    protected override string Schema => ReconciliationDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        Create(
            migrationBuilder,
            "run_refunds",
            table => new
            {
                run_id = table.Column<long>(),
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
            table =>
            {
                table.CheckConstraint("ck_reconciliation_run_refunds_adds_up", AddsUp);
                ForeignKey(table, "run_refunds", "run_id", columns => columns.run_id, "runs", "run_id");
            });
        Create(
            migrationBuilder,
            "terminal_refunds",
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
                table.CheckConstraint("ck_reconciliation_terminal_refunds_adds_up", AddsUp);
                ForeignKey(table, "terminal_refunds", "run_id", columns => columns.run_id, "runs", "run_id");
            });
    }
}
