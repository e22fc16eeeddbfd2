using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;

namespace SmartCard.Backend.Registry.Tables;

/// <summary>
/// Households, who was in them when, and, apart and encrypted, who these people are. Everything outside the table of identities is
/// pseudonymous.
/// </summary>
internal sealed class RegistryDbContext(ModuleDatabase database) : ModuleDbContext(database, SchemaName)
{
    public const string SchemaName = "registry";

    /// <summary>Gives people their row ids; its lock also makes registrations and civil events take turns.</summary>
    public const string PeopleCounter = "people";

    public DbSet<HouseholdRow> Households => Set<HouseholdRow>();
    public DbSet<AdmissionRow> Admissions => Set<AdmissionRow>();
    public DbSet<MemberRow> Members => Set<MemberRow>();
    public DbSet<IdentityRow> Identities => Set<IdentityRow>();
    public DbSet<CivilEventRow> CivilEvents => Set<CivilEventRow>();
    public DbSet<LookUpRow> LookUps => Set<LookUpRow>();

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        Counters.Map(modelBuilder);
        modelBuilder.Entity<HouseholdRow>(household =>
        {
            household.HasKey(h => h.Household);
            household.Property(h => h.Household).ValueGeneratedNever();
            household.Property(h => h.Shape).HasDefaultValue(HouseholdRow.NobodysShape);
        });
        modelBuilder.Entity<AdmissionRow>(admission =>
        {
            admission.HasKey(a => new { a.Household, a.Programme });
            admission.HasOne<HouseholdRow>().WithMany().HasForeignKey(a => a.Household).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<MemberRow>(member =>
        {
            member.ToTable(table => table.HasCheckConstraint("ck_registry_members_until", "until IS NULL OR until >= since"));
            member.HasKey(m => new { m.Household, m.Person, m.Since });
            member.HasIndex(m => m.Person);
            member.HasOne<HouseholdRow>().WithMany().HasForeignKey(m => m.Household).OnDelete(DeleteBehavior.Restrict);
            member.HasOne<IdentityRow>().WithMany().HasForeignKey(m => m.Person).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<IdentityRow>(identity =>
        {
            identity.HasKey(i => i.Person);
            identity.Property(i => i.Person).ValueGeneratedNever();
            identity.HasIndex(i => i.NationalIdIndex).IsUnique();
        });
        modelBuilder.Entity<CivilEventRow>(civilEvent =>
        {
            civilEvent.HasKey(e => e.EventId);
            civilEvent.HasIndex(e => e.Reference).IsUnique();
        });
        modelBuilder.Entity<LookUpRow>(lookUp => lookUp.HasKey(l => l.LookUpId));
    }
}

internal sealed class HouseholdRow
{
    /// <summary>Of a household without members and programmes.</summary>
    public const string NobodysShape = "{}";

    public HouseholdId Household { get; set; }
    public short Governorate { get; set; }
    public DateTimeOffset RegisteredAt { get; set; }

    /// <summary>What <see cref="AdmissionRow"/> and <see cref="MemberRow"/> say of it, in the words of <see cref="Households.HouseholdShapes"/>.</summary>
    public string Shape { get; set; } = NobodysShape;
}

/// <summary>A programme that the household is admitted to.</summary>
internal sealed class AdmissionRow
{
    public HouseholdId Household { get; set; }
    public int Programme { get; set; }
}

/// <summary>A person in a household, from <see cref="Since"/> until the day before <see cref="Until"/>.</summary>
internal sealed class MemberRow
{
    public HouseholdId Household { get; set; }
    public long Person { get; set; }
    public DateOnly Since { get; set; }
    public DateOnly? Until { get; set; }
    public MemberRole Role { get; set; }
}

internal sealed class IdentityRow
{
    public long Person { get; set; }

    /// <summary>16 bytes, keyed.</summary>
    public byte[] NationalIdIndex { get; set; } = [];
    public byte[] Sealed { get; set; } = [];
    public DateOnly? DiedOn { get; set; }
}

internal sealed class CivilEventRow
{
    public long EventId { get; set; }
    public string Reference { get; set; } = "";
    public string Kind { get; set; } = "";
    public HouseholdId Household { get; set; }
    public DateOnly OccurredOn { get; set; }
    public DateTimeOffset RecordedAt { get; set; }
}

/// <summary>Who looked whom up. A household of 0: nobody was found.</summary>
internal sealed class LookUpRow
{
    public long LookUpId { get; set; }
    public HouseholdId Household { get; set; }
    public string Purpose { get; set; } = "";
    public string Caller { get; set; } = "";
    public DateTimeOffset At { get; set; }
}
