using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Reconciliation.Tables;

internal sealed class ReconciliationDbContext(ModuleDatabase database) : ModuleDbContext(database, SchemaName)
{
    public const string SchemaName = "reconciliation";

    /// <summary>Decision 0004: every line ends in one class. The database holds it too.</summary>
    public const string AddsUp =
        "recorded = matched + late + missing_at_merchant + amount_differs AND claimed = matched + late + missing_at_ministry + amount_differs + duplicate";

    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<ReconciledDateRow> Dates => Set<ReconciledDateRow>();
    public DbSet<RunRefundsRow> RunRefunds => Set<RunRefundsRow>();
    public DbSet<TerminalTotalRow> TerminalTotals => Set<TerminalTotalRow>();
    public DbSet<TerminalRefundsRow> TerminalRefunds => Set<TerminalRefundsRow>();
    public DbSet<BreakRow> Breaks => Set<BreakRow>();

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RunRow>(run =>
        {
            run.ToTable("runs", table => table.HasCheckConstraint("ck_reconciliation_runs_adds_up", AddsUp));
            run.HasKey(r => r.RunId);
            run.Property(r => r.RunId).ValueGeneratedOnAdd();
            run.HasIndex(r => r.BusinessDate);
        });
        modelBuilder.Entity<ReconciledDateRow>(date =>
        {
            date.ToTable("dates");
            date.HasKey(d => d.BusinessDate);
            date.HasOne<RunRow>().WithMany().HasForeignKey(d => d.RunId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TerminalTotalRow>(total =>
        {
            total.ToTable("terminal_totals", table => table.HasCheckConstraint("ck_reconciliation_terminal_totals_adds_up", AddsUp));
            total.HasKey(t => new { t.RunId, t.MerchantId, t.TerminalId });
            total.HasOne<RunRow>().WithMany().HasForeignKey(t => t.RunId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<RunRefundsRow>(total =>
        {
            total.ToTable("run_refunds", table => table.HasCheckConstraint("ck_reconciliation_run_refunds_adds_up", AddsUp));
            total.HasKey(t => t.RunId);
            total.Property(t => t.RunId).ValueGeneratedNever();
            total.HasOne<RunRow>().WithMany().HasForeignKey(t => t.RunId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TerminalRefundsRow>(total =>
        {
            total.ToTable("terminal_refunds", table => table.HasCheckConstraint("ck_reconciliation_terminal_refunds_adds_up", AddsUp));
            total.HasKey(t => new { t.RunId, t.MerchantId, t.TerminalId });
            total.HasOne<RunRow>().WithMany().HasForeignKey(t => t.RunId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<BreakRow>(found =>
        {
            found.ToTable("breaks", table => table.HasCheckConstraint("ck_reconciliation_breaks_owner", "owner IN ('merchant', 'operations', 'fraud')"));
            found.HasKey(b => b.BreakId);
            found.Property(b => b.BreakId).ValueGeneratedOnAdd();
            found.HasOne<RunRow>().WithMany().HasForeignKey(b => b.RunId).OnDelete(DeleteBehavior.Restrict);
            found.HasIndex(b => new { b.RunId, b.BreakId });
        });
    }
}
