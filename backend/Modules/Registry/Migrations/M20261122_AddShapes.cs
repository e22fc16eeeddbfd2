using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Migrations;

/// <summary>A document of its shape for each household, made for those that are registered.</summary>
[DbContext(typeof(RegistryDbContext))]
[Migration("20261122_0002_AddShapes")]
internal sealed class M20261122_AddShapes : ModuleMigration
{
    protected override string Schema => RegistryDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        AddColumn<string>(migrationBuilder, "households", "shape", defaultValue: HouseholdRow.NobodysShape);
        migrationBuilder.Sql($"UPDATE {Table("households")} AS h SET shape = {HouseholdShapes.DocumentSql(Provider, Table)}");
    }
}
