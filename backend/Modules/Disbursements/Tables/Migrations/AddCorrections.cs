using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Tables.Migrations;

/// <summary>What comes after a draw: goods given back, allowances that nobody can spend any more, the rest of a period turned into points.</summary>
[DbContext(typeof(DisbursementsDbContext))]
[Migration("20261122_0002_AddCorrections")]
internal sealed class AddCorrections : ModuleMigration
{
    protected override string Schema => DisbursementsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateRefunds(migrationBuilder);
        Create(
            migrationBuilder,
            "expiries",
            table => new
            {
                bucket = table.Column<short>(),
                entry = table.Column<long>(),
                household = table.Column<long>(),
                card = table.Column<long>(),
                quota = table.Column<int>(),
                period = table.Column<int>(),
                amount = table.Column<long>(),
                expired_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.entry });
        Create(
            migrationBuilder,
            "rollovers",
            table => new
            {
                quota = table.Column<int>(),
                period = table.Column<int>(),
                target = table.Column<int>(),
                household_after = table.Column<long>(),
                completed_at = table.Column<long>(nullable: true),
            },
            columns => new { columns.quota, columns.period, columns.target });
        foreach (var sql in LedgerGuards.OfCorrections(Table, ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)))
            migrationBuilder.Sql(sql);
    }

    private void CreateRefunds(MigrationBuilder builder)
    {
        Create(
            builder,
            "refunds",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                refund_id = table.Column<Guid>(),
                household = table.Column<long>(),
                entry = table.Column<long>(),
                undoes = table.Column<long>(),
                terminal = table.Column<string>(),
                merchant = table.Column<long>(),
                basket = table.Column<byte[]>(),
                subsidy_minor = table.Column<long>(),
                citizen_gets_minor = table.Column<long>(),
                refunded_on = table.Column<int>(),
                refunded_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc, columns.refund_id });
        Create(
            builder,
            "refund_lines",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                refund_id = table.Column<Guid>(),
                programme = table.Column<int>(),
                household = table.Column<long>(),
                transaction_id = table.Column<byte[]>(),
                terminal = table.Column<string>(),
                merchant = table.Column<long>(),
                unit = table.Column<short>(),
                quantity = table.Column<long>(),
                subsidy_minor = table.Column<long>(),
                citizen_gets_minor = table.Column<long>(),
                drawn_on = table.Column<int>(),
                refunded_on = table.Column<int>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc, columns.refund_id, columns.programme });
        Index(builder, "refund_lines", ["refunded_on", "terminal"]);
    }
}
