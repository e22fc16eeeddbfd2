using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Tables;

internal sealed class MerchantsDbContext(ModuleDatabase database) : ModuleDbContext(database, SchemaName)
{
    public const string SchemaName = "merchants";

    private readonly string _holdTerminal =
        $"SELECT * FROM {database.Table(SchemaName, "terminals")} WHERE terminal_id = {{0}}{(database.Provider == DatabaseProvider.Postgres ? " FOR UPDATE" : "")}";

    public DbSet<MerchantRow> Merchants => Set<MerchantRow>();
    public DbSet<MerchantProgrammeRow> Programmes => Set<MerchantProgrammeRow>();
    public DbSet<OutletRow> Outlets => Set<OutletRow>();
    public DbSet<TerminalRow> Terminals => Set<TerminalRow>();
    public DbSet<ActivationCodeRow> ActivationCodes => Set<ActivationCodeRow>();
    public DbSet<EnrolmentRow> Enrolments => Set<EnrolmentRow>();
    public DbSet<UploadRow> Uploads => Set<UploadRow>();
    public DbSet<UploadRefusalRow> UploadRefusals => Set<UploadRefusalRow>();
    public DbSet<BatchRow> Batches => Set<BatchRow>();
    public DbSet<BatchTotalRow> BatchTotals => Set<BatchTotalRow>();

    /// <summary>A context inside a write transaction.</summary>
    public static async Task<MerchantsDbContext> OpenAsync(ModuleDatabase database, WriteTransaction write, CancellationToken cancellation)
    {
        var context = new MerchantsDbContext(database);
        await context.JoinAsync(write, cancellation);
        return context;
    }

    /// <summary>
    /// The terminal, held until the transaction ends: steps of one terminal follow each other. On SQLite the writer's turn does that.
    /// </summary>
    public async Task<TerminalRow?> HoldTerminalAsync(TerminalId terminal, CancellationToken cancellation)
    {
        var found = await Terminals.FromSqlRaw(_holdTerminal, terminal.Value).ToListAsync(cancellation);
        return found.SingleOrDefault();
    }

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        RegisteringTables(modelBuilder);
        EnrollingTables(modelBuilder);
        ClaimingTables(modelBuilder);
        BatchTables(modelBuilder);
    }

    private static void RegisteringTables(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<MerchantRow>(merchant =>
        {
            merchant.ToTable("merchants");
            merchant.HasKey(m => m.MerchantId);
        });
        modelBuilder.Entity<MerchantProgrammeRow>(programme =>
        {
            programme.ToTable("merchant_programmes");
            programme.HasKey(p => new { p.MerchantId, p.Programme });
            programme.HasOne<MerchantRow>().WithMany().HasForeignKey(p => p.MerchantId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<OutletRow>(outlet =>
        {
            outlet.ToTable("outlets");
            outlet.HasKey(o => o.OutletId);
            outlet.HasOne<MerchantRow>().WithMany().HasForeignKey(o => o.MerchantId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TerminalRow>(terminal =>
        {
            terminal.ToTable("terminals", table => table.HasCheckConstraint("ck_merchants_terminals_state", "state BETWEEN 1 AND 3"));
            terminal.HasKey(t => t.TerminalId);
            terminal.HasOne<OutletRow>().WithMany().HasForeignKey(t => t.OutletId).OnDelete(DeleteBehavior.Restrict);
        });
    }

    private static void EnrollingTables(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ActivationCodeRow>(code =>
        {
            code.ToTable("activation_codes");
            code.HasKey(c => c.CodeId);
            code.Property(c => c.CodeId).ValueGeneratedOnAdd();
            code.HasOne<TerminalRow>().WithMany().HasForeignKey(c => c.TerminalId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<EnrolmentRow>(enrolment =>
        {
            enrolment.ToTable("enrolments");
            enrolment.HasKey(e => e.EnrolmentId);
            enrolment.Property(e => e.EnrolmentId).ValueGeneratedOnAdd();
            enrolment.HasOne<TerminalRow>().WithMany().HasForeignKey(e => e.TerminalId).OnDelete(DeleteBehavior.Restrict);
            enrolment.HasIndex(e => e.OutletId);
        });
    }

    private static void ClaimingTables(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<UploadRow>(upload =>
        {
            upload.ToTable("uploads");
            upload.HasKey(u => u.UploadId);
            upload.Property(u => u.UploadId).ValueGeneratedNever();
            upload.HasOne<MerchantRow>().WithMany().HasForeignKey(u => u.MerchantId).OnDelete(DeleteBehavior.Restrict);
            upload.HasIndex(u => u.MerchantId);
        });
        modelBuilder.Entity<UploadRefusalRow>(refusal =>
        {
            refusal.ToTable("upload_refusals");
            refusal.HasKey(r => new { r.UploadId, r.RowNumber });
            refusal.HasOne<UploadRow>().WithMany().HasForeignKey(r => r.UploadId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<LedgerLineRow>(line =>
        {
            line.ToTable("ledger_lines", table => table.HasCheckConstraint("ck_merchants_ledger_lines_amounts", "quantity > 0 AND citizen_paid_minor >= 0"));
            line.HasKey(l => l.LineId);
            line.Property(l => l.LineId).ValueGeneratedOnAdd();
            line.HasIndex(l => new { l.BusinessDate, l.LineId });
            line.Property(l => l.IsRefund).HasDefaultValue(false);
        });
    }

    private static void BatchTables(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<BatchRow>(batch =>
        {
            batch.ToTable("batches");
            batch.HasKey(b => b.BatchId);
            batch.Property(b => b.BatchId).ValueGeneratedOnAdd();
            batch.HasOne<TerminalRow>().WithMany().HasForeignKey(b => b.TerminalId).OnDelete(DeleteBehavior.Restrict);
            batch.HasIndex(b => new { b.TerminalId, b.BatchNumber }).IsUnique();
        });
        modelBuilder.Entity<BatchTotalRow>(total =>
        {
            total.ToTable("batch_totals");
            total.HasKey(t => new { t.BatchId, t.Side, t.Programme });
            total.HasOne<BatchRow>().WithMany().HasForeignKey(t => t.BatchId).OnDelete(DeleteBehavior.Restrict);
        });
    }
}
