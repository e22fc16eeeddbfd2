using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Migrations;

[DbContext(typeof(RegistryDbContext))]
[Migration("20261122_0001_CreateRegistry")]
internal sealed class M20261122_CreateRegistry : ModuleMigration
{
    protected override string Schema => RegistryDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateCounters(migrationBuilder, (RegistryDbContext.PeopleCounter, 1));
        Create(
            migrationBuilder,
            "households",
            table => new { household = table.Column<long>(), governorate = table.Column<short>(), registered_at = table.Column<long>() },
            columns => columns.household);
        Create(
            migrationBuilder,
            "admissions",
            table => new { household = table.Column<long>(), programme = table.Column<int>() },
            columns => new { columns.household, columns.programme },
            table => ForeignKey(table, "admissions", "household", columns => columns.household, "households", "household"));
        Create(
            migrationBuilder,
            "identities",
            table => new
            {
                person = table.Column<long>(),
                national_id_index = table.Column<byte[]>(),
                @sealed = table.Column<byte[]>(),
                died_on = table.Column<DateOnly>(nullable: true),
            },
            columns => columns.person);
        Index(migrationBuilder, "identities", ["national_id_index"], unique: true);
        Create(
            migrationBuilder,
            "members",
            table => new
            {
                household = table.Column<long>(),
                person = table.Column<long>(),
                since = table.Column<DateOnly>(),
                until = table.Column<DateOnly>(nullable: true),
                role = table.Column<int>(),
            },
            columns => new { columns.household, columns.person, columns.since },
            table =>
            {
                table.CheckConstraint("ck_registry_members_until", "until IS NULL OR until >= since");
                ForeignKey(table, "members", "household", columns => columns.household, "households", "household");
                ForeignKey(table, "members", "person", columns => columns.person, "identities", "person");
            });
        Index(migrationBuilder, "members", ["person"]);
        Create(
            migrationBuilder,
            "civil_events",
            table => new
            {
                event_id = Identity(table),
                reference = table.Column<string>(),
                kind = table.Column<string>(),
                household = table.Column<long>(),
                occurred_on = table.Column<DateOnly>(),
                recorded_at = table.Column<long>(),
            },
            columns => columns.event_id);
        Index(migrationBuilder, "civil_events", ["reference"], unique: true);
        Create(
            migrationBuilder,
            "look_ups",
            table => new
            {
                look_up_id = Identity(table),
                household = table.Column<long>(),
                purpose = table.Column<string>(),
                caller = table.Column<string>(),
                at = table.Column<long>(),
            },
            columns => columns.look_up_id);
    }
}
