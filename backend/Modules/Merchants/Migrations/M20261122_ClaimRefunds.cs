using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Merchants.Migrations;

/// <summary>A line may say that goods came back. Those of before are draws.</summary>
[DbContext(typeof(MerchantsDbContext))]
[Migration("20261122_0003_ClaimRefunds")]
internal sealed class M20261122_ClaimRefunds : ModuleMigration
{
    protected override string Schema => MerchantsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var (type, no) = ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal) ? ("INTEGER", "0") : ("boolean", "false");
        migrationBuilder.Sql($"ALTER TABLE {Table("ledger_lines")} ADD COLUMN is_refund {type} NOT NULL DEFAULT {no}");
    }
}
