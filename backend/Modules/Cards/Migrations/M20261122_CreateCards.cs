using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Cards.Migrations;

[DbContext(typeof(CardsDbContext))]
[Migration("20261122_0001_CreateCards")]
internal sealed class M20261122_CreateCards : ModuleMigration
{
    protected override string Schema => CardsDbContext.SchemaName;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateCounters(migrationBuilder, (CardsDbContext.NumberCounter, 1), (CardsDbContext.DenylistCounter, 1));
        Create(
            migrationBuilder,
            "cards",
            table => new
            {
                card = table.Column<long>(),
                household = table.Column<long>(),
                state = table.Column<int>(),
                order_id = table.Column<string>(),
                key_version = table.Column<int>(),
                key_agreement_key = table.Column<byte[]>(nullable: true),
                signature_key = table.Column<byte[]>(nullable: true),
                key_agreement_certificate = table.Column<byte[]>(nullable: true),
                signature_certificate = table.Column<byte[]>(nullable: true),
                replaces = table.Column<long>(nullable: true),
            },
            columns => columns.card);
        Index(migrationBuilder, "cards", ["order_id"], unique: true);
        Index(migrationBuilder, "cards", ["household"], unique: true, filter: "state <> 6");
        Create(
            migrationBuilder,
            "events",
            table => new
            {
                event_id = Identity(table),
                card = table.Column<long>(),
                state = table.Column<int>(),
                actor = table.Column<string>(),
                reason = table.Column<string>(),
                at = table.Column<long>(),
            },
            columns => columns.event_id,
            table => ForeignKey(table, "events", "card", columns => columns.card, "cards", "card"));
        Index(migrationBuilder, "events", ["card"]);
        AppendOnly(migrationBuilder, "events");
        Create(
            migrationBuilder,
            "denylist",
            table => new { version = table.Column<long>(), card = table.Column<long>(), denied = table.Column<bool>(), at = table.Column<long>() },
            columns => columns.version);
        AppendOnly(migrationBuilder, "denylist");
    }
}
