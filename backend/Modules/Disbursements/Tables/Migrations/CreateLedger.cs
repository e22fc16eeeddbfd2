using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Tables.Migrations;

[DbContext(typeof(DisbursementsDbContext))]
[Migration("20261122_0001_CreateLedger")]
internal sealed class CreateLedger : ModuleMigration
{
    protected override string Schema => DisbursementsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateHouseholds(migrationBuilder);
        CreateEntries(migrationBuilder);
        CreateEvidence(migrationBuilder);
        Create(migrationBuilder, "entry_blocks", table => new { id = table.Column<int>(), next = table.Column<long>() }, columns => columns.id);
        var isSqlite = ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal);
        foreach (var sql in (IEnumerable<string>)[.. LedgerGuards.Statements(Table, isSqlite), .. LedgerViews.Statements(Table, isSqlite), .. isSqlite ? [] : LedgerStorage.Statements(Table)])
            migrationBuilder.Sql(sql);
    }

    private void CreateHouseholds(MigrationBuilder builder)
    {
        Create(
            builder,
            "households",
            table => new { bucket = table.Column<short>(), household = table.Column<long>(), version = table.Column<long>(), state = table.Column<string>() },
            columns => new { columns.bucket, columns.household },
            table => table.CheckConstraint("ck_disbursements_households_nothing_below_zero", LedgerChecks.NothingBelowZero));
        Create(
            builder,
            "closed_balances",
            table => new
            {
                bucket = table.Column<short>(),
                household = table.Column<long>(),
                period = table.Column<int>(),
                quota = table.Column<int>(),
                consumed = table.Column<long>(),
                lent = table.Column<long>(),
                credited = table.Column<long>(),
                quota_limit = table.Column<long>(),
                day = table.Column<int>(),
                day_consumed = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.household, columns.period, columns.quota },
            table =>
            {
                table.CheckConstraint("ck_disbursements_closed_balances_within_limit", LedgerChecks.WithinLimit);
                table.CheckConstraint("ck_disbursements_closed_balances_not_negative", LedgerChecks.NotNegative);
            });
        Create(
            builder,
            "closed_allowances",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                period = table.Column<int>(),
                quota = table.Column<int>(),
                household = table.Column<long>(),
                granted = table.Column<long>(),
                settled = table.Column<long>(),
                script_counter = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.card, columns.period, columns.quota },
            table => table.CheckConstraint("ck_disbursements_closed_allowances_within_grant", LedgerChecks.WithinGrant));
    }

    private void CreateEntries(MigrationBuilder builder)
    {
        Create(
            builder,
            "disbursements",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                household = table.Column<long>(),
                entry = table.Column<long>(),
                status = table.Column<short>(),
                reason = table.Column<short>(),
                content_hash = table.Column<byte[]>(),
                transaction_id = table.Column<byte[]>(),
                terminal = table.Column<string>(),
                merchant = table.Column<long>(),
                outlet = table.Column<long>(),
                offline = table.Column<bool>(),
                drawn_on = table.Column<int>(),
                recorded_on = table.Column<int>(),
                recorded_at = table.Column<long>(),
                subsidy_minor = table.Column<long>(),
                citizen_pays_minor = table.Column<long>(),
                chain_before = table.Column<long>(),
                chain_after = table.Column<long>(),
                record = table.Column<byte[]>(),
                cryptogram = table.Column<byte[]>(),
                signature = table.Column<byte[]>(),
                basket = table.Column<byte[]>(),
                lines = table.Column<string>(),
                outcome = table.Column<byte[]>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc });
        Index(builder, "disbursements", ["drawn_on", "terminal"]);
        Create(
            builder,
            "movements",
            table => new
            {
                bucket = table.Column<short>(),
                entry = table.Column<long>(),
                ordinal = table.Column<short>(),
                household = table.Column<long>(),
                undoes = table.Column<long>(nullable: true),
                debit_kind = table.Column<short>(),
                debit_owner = table.Column<long>(),
                credit_kind = table.Column<short>(),
                credit_owner = table.Column<long>(),
                quota = table.Column<int>(),
                period = table.Column<int>(),
                unit = table.Column<short>(),
                amount = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.entry, columns.ordinal },
            table => table.CheckConstraint("ck_disbursements_movements_moves", LedgerChecks.Moves));
        Create(
            builder,
            "lendings",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                script_counter = table.Column<long>(),
                household = table.Column<long>(),
                entry = table.Column<long>(),
                quota = table.Column<int>(),
                period = table.Column<int>(),
                amount = table.Column<long>(),
                granted = table.Column<long>(),
                lent_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.card, columns.script_counter });
        Create(
            builder,
            "reversals",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                household = table.Column<long>(),
                entry = table.Column<long>(),
                undoes = table.Column<long>(),
                reason = table.Column<short>(),
                terminal = table.Column<string>(),
                reversed_on = table.Column<int>(),
                reversed_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc });
        Create(
            builder,
            "credits",
            table => new
            {
                bucket = table.Column<short>(),
                credit_id = table.Column<Guid>(),
                household = table.Column<long>(),
                entry = table.Column<long>(),
                quota = table.Column<int>(),
                period = table.Column<int>(),
                amount = table.Column<long>(),
                credited_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.credit_id });
    }

    private void CreateEvidence(MigrationBuilder builder)
    {
        Create(
            builder,
            "fraud_cases",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                kind = table.Column<short>(),
                content_hash = table.Column<byte[]>(),
                household = table.Column<long>(),
                terminal = table.Column<string>(),
                merchant = table.Column<long>(),
                opened_on = table.Column<int>(),
                opened_at = table.Column<long>(),
                record = table.Column<byte[]>(),
                cryptogram = table.Column<byte[]>(),
                signature = table.Column<byte[]>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc, columns.kind, columns.content_hash });
        Create(
            builder,
            "refused_records",
            table => new
            {
                bucket = table.Column<short>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                content_hash = table.Column<byte[]>(),
                reason = table.Column<short>(),
                terminal = table.Column<string>(),
                merchant = table.Column<long>(),
                refused_at = table.Column<long>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc, columns.content_hash, columns.reason });
    }
}
