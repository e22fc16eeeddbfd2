using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>A module that has a column of every typed value.</summary>
internal sealed class SampleDbContext(ModuleDatabase database) : ModuleDbContext(database, "sample")
{
    public DbSet<SampleRow> Rows => Set<SampleRow>();

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SampleRow>(row =>
        {
            row.ToTable("rows", table => table.HasCheckConstraint("ck_sample_rows_amount", "amount_minor >= 0"));
            row.HasKey(r => r.RowId);
            row.Property(r => r.RowId).ValueGeneratedOnAdd();
            row.HasIndex(r => r.Card).IsUnique();
            row.HasIndex(r => new { r.Household, r.Day }).HasFilter("amount_minor > 0");
        });
        modelBuilder.Entity<SamplePart>(part =>
        {
            part.ToTable("parts");
            part.HasKey(p => new { p.RowId, p.Number });
            part.HasOne<SampleRow>().WithMany().HasForeignKey(p => p.RowId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}

internal sealed class SampleRow
{
    public long RowId { get; set; }
    public HouseholdId Household { get; set; }
    public MerchantId Merchant { get; set; }
    public OutletId Outlet { get; set; }
    public QuotaCode Quota { get; set; }
    public PeriodId Period { get; set; }
    public CardNumber Card { get; set; }
    public Atc Atc { get; set; }
    public TerminalId Terminal { get; set; }
    public TransactionId TransactionKey { get; set; }
    public ProgrammeCode Programme { get; set; }
    public CommodityCode Commodity { get; set; }
    public DateTimeOffset At { get; set; }
    public DateOnly Day { get; set; }
    public Guid OrderId { get; set; }
    public long AmountMinor { get; set; }
    public short Bucket { get; set; }
    public bool Offline { get; set; }
    public byte[]? Content { get; set; }
}

internal sealed class SamplePart
{
    public long RowId { get; set; }
    public int Number { get; set; }
    public string Name { get; set; } = "";
}

[DbContext(typeof(SampleDbContext))]
[Migration("20261122_0001_Sample")]
internal sealed class CreateSample : ModuleMigration
{
    protected override string Schema => "sample";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        Create(
            migrationBuilder,
            "rows",
            table => new
            {
                row_id = Identity(table),
                household = table.Column<long>(),
                merchant = table.Column<long>(),
                outlet = table.Column<long>(),
                quota = table.Column<int>(),
                period = table.Column<int>(),
                card = table.Column<long>(),
                atc = table.Column<int>(),
                terminal = table.Column<string>(),
                transaction_key = table.Column<byte[]>(),
                programme = table.Column<int>(),
                commodity = table.Column<int>(),
                at = table.Column<long>(),
                day = table.Column<DateOnly>(),
                order_id = table.Column<Guid>(),
                amount_minor = table.Column<long>(),
                bucket = table.Column<short>(),
                offline = table.Column<bool>(),
                content = table.Column<byte[]>(nullable: true),
            },
            columns => columns.row_id,
            table => table.CheckConstraint("ck_sample_rows_amount", "amount_minor >= 0"));
        Index(migrationBuilder, "rows", ["card"], unique: true);
        Index(migrationBuilder, "rows", ["household", "day"], filter: "amount_minor > 0");
        Create(
            migrationBuilder,
            "parts",
            table => new { row_id = table.Column<long>(), number = table.Column<int>(), name = table.Column<string>() },
            columns => new { columns.row_id, columns.number },
            table => ForeignKey(table, "parts", "row_id", columns => columns.row_id, "rows", "row_id"));
    }
}

/// <summary>The planted mistake: its migration forgot a column, made another nullable and left the index out.</summary>
internal sealed class ForgetfulDbContext(ModuleDatabase database) : ModuleDbContext(database, "forgetful")
{
    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SamplePart>(part =>
        {
            part.ToTable("parts");
            part.HasKey(p => p.RowId);
            part.Property(p => p.RowId).ValueGeneratedNever();
            part.HasIndex(p => p.Name);
        });
    }
}

[DbContext(typeof(ForgetfulDbContext))]
[Migration("20261122_0001_Forgetful")]
internal sealed class CreateForgetful : ModuleMigration
{
    protected override string Schema => "forgetful";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        Create(
            migrationBuilder,
            "parts",
            table => new { row_id = table.Column<long>(), name = table.Column<string>(nullable: true) },
            columns => columns.row_id);
}
