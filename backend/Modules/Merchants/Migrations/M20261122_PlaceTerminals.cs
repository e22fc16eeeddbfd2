using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Merchants.Migrations;

/// <summary>Terminals may be put with an aggregator, which carries their draws.</summary>
[DbContext(typeof(MerchantsDbContext))]
[Migration("20261122_0002_PlaceTerminals")]
internal sealed class M20261122_PlaceTerminals : ModuleMigration
{
    protected override string Schema => MerchantsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql($"ALTER TABLE {Table("terminals")} ADD COLUMN aggregator text");
}
