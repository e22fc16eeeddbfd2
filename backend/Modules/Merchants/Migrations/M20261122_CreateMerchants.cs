using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Merchants.Migrations;

[DbContext(typeof(MerchantsDbContext))]
[Migration("20261122_0001_CreateMerchants")]
internal sealed class M20261122_CreateMerchants : ModuleMigration
{
    protected override string Schema => MerchantsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateRegistering(migrationBuilder);
        CreateEnrolling(migrationBuilder);
        CreateClaiming(migrationBuilder);
        CreateBatches(migrationBuilder);
    }

    private void CreateRegistering(MigrationBuilder builder)
    {
        Create(
            builder,
            "merchants",
            table => new
            {
                merchant_id = table.Column<long>(),
                kind = table.Column<int>(),
                name_ar = table.Column<string>(),
                name_fr = table.Column<string>(),
                name_en = table.Column<string>(),
                suspended_because = table.Column<string>(nullable: true),
            },
            columns => columns.merchant_id);
        Create(
            builder,
            "merchant_programmes",
            table => new { merchant_id = table.Column<long>(), programme = table.Column<int>(), served = table.Column<bool>() },
            columns => new { columns.merchant_id, columns.programme },
            table => ForeignKey(table, "merchant_programmes", "merchant_id", columns => columns.merchant_id, "merchants", "merchant_id"));
        Create(
            builder,
            "outlets",
            table => new
            {
                outlet_id = table.Column<long>(),
                merchant_id = table.Column<long>(),
                name_ar = table.Column<string>(),
                name_fr = table.Column<string>(),
                name_en = table.Column<string>(),
                governorate = table.Column<short>(),
            },
            columns => columns.outlet_id,
            table => ForeignKey(table, "outlets", "merchant_id", columns => columns.merchant_id, "merchants", "merchant_id"));
        Index(builder, "outlets", ["merchant_id"]);
        Create(
            builder,
            "terminals",
            table => new
            {
                terminal_id = table.Column<string>(),
                outlet_id = table.Column<long>(),
                state = table.Column<int>(),
                enrolment_id = table.Column<long>(nullable: true),
                tls_serial_number = table.Column<string>(),
                revoked_at = table.Column<long>(nullable: true),
                revoked_because = table.Column<string>(nullable: true),
            },
            columns => columns.terminal_id,
            table =>
            {
                table.CheckConstraint("ck_merchants_terminals_state", "state BETWEEN 1 AND 3");
                ForeignKey(table, "terminals", "outlet_id", columns => columns.outlet_id, "outlets", "outlet_id");
            });
        Index(builder, "terminals", ["outlet_id"]);
    }

    private void CreateEnrolling(MigrationBuilder builder)
    {
        Create(
            builder,
            "activation_codes",
            table => new
            {
                code_id = Identity(table),
                terminal_id = table.Column<string>(),
                outlet_id = table.Column<long>(),
                code_hash = table.Column<byte[]>(),
                issued_at = table.Column<long>(),
                expires_at = table.Column<long>(),
                tries = table.Column<int>(),
                spent_at = table.Column<long>(nullable: true),
            },
            columns => columns.code_id,
            table => ForeignKey(table, "activation_codes", "terminal_id", columns => columns.terminal_id, "terminals", "terminal_id"));
        Index(builder, "activation_codes", ["terminal_id"]);
        Create(
            builder,
            "enrolments",
            table => new
            {
                enrolment_id = Identity(table),
                terminal_id = table.Column<string>(),
                outlet_id = table.Column<long>(),
                request_hash = table.Column<byte[]>(),
                code_id = table.Column<long>(nullable: true),
                allowed_at = table.Column<long>(),
                completed_at = table.Column<long>(nullable: true),
                tls_serial_number = table.Column<string>(),
                tls_certificate = table.Column<byte[]>(),
                tls_chain = table.Column<byte[]>(),
                card_certificate = table.Column<byte[]>(),
                not_after = table.Column<long>(),
            },
            columns => columns.enrolment_id,
            table => ForeignKey(table, "enrolments", "terminal_id", columns => columns.terminal_id, "terminals", "terminal_id"));
        Index(builder, "enrolments", ["terminal_id"]);
        Index(builder, "enrolments", ["outlet_id"]);
    }

    private void CreateClaiming(MigrationBuilder builder)
    {
        Create(
            builder,
            "uploads",
            table => new
            {
                upload_id = table.Column<Guid>(),
                merchant_id = table.Column<long>(),
                business_date = table.Column<DateOnly>(),
                batch_number = table.Column<int>(),
                content_hash = table.Column<byte[]>(),
                accepted = table.Column<int>(),
                refused = table.Column<int>(),
                received_at = table.Column<long>(),
            },
            columns => columns.upload_id,
            table => ForeignKey(table, "uploads", "merchant_id", columns => columns.merchant_id, "merchants", "merchant_id"));
        Index(builder, "uploads", ["merchant_id"]);
        Create(
            builder,
            "upload_refusals",
            table => new { upload_id = table.Column<Guid>(), row_number = table.Column<int>(), reason = table.Column<string>() },
            columns => new { columns.upload_id, columns.row_number },
            table => ForeignKey(table, "upload_refusals", "upload_id", columns => columns.upload_id, "uploads", "upload_id"));
        Create(
            builder,
            "ledger_lines",
            table => new
            {
                line_id = Identity(table),
                upload_id = table.Column<Guid>(),
                merchant_id = table.Column<long>(),
                terminal_id = table.Column<string>(),
                transaction_id = table.Column<byte[]>(),
                programme = table.Column<int>(),
                quantity = table.Column<long>(),
                citizen_paid_minor = table.Column<long>(),
                business_date = table.Column<DateOnly>(),
                received_at = table.Column<long>(),
                receipt_number = table.Column<string>(),
            },
            columns => columns.line_id,
            table => table.CheckConstraint("ck_merchants_ledger_lines_amounts", "quantity > 0 AND citizen_paid_minor >= 0"));
        Index(builder, "ledger_lines", ["business_date", "line_id"]);
    }

    private void CreateBatches(MigrationBuilder builder)
    {
        Create(
            builder,
            "batches",
            table => new
            {
                batch_id = Identity(table),
                terminal_id = table.Column<string>(),
                batch_number = table.Column<int>(),
                merchant_id = table.Column<long>(),
                business_date = table.Column<DateOnly>(),
                opened_at = table.Column<long>(),
                closed_at = table.Column<long>(),
                received_at = table.Column<long>(),
                balanced = table.Column<bool>(),
            },
            columns => columns.batch_id,
            table => ForeignKey(table, "batches", "terminal_id", columns => columns.terminal_id, "terminals", "terminal_id"));
        Index(builder, "batches", ["terminal_id", "batch_number"], unique: true);
        Create(
            builder,
            "batch_totals",
            table => new
            {
                batch_id = table.Column<long>(),
                side = table.Column<int>(),
                programme = table.Column<int>(),
                draws = table.Column<int>(),
                quantity = table.Column<long>(),
                citizen_paid_minor = table.Column<long>(),
            },
            columns => new { columns.batch_id, columns.side, columns.programme },
            table => ForeignKey(table, "batch_totals", "batch_id", columns => columns.batch_id, "batches", "batch_id"));
    }
}
