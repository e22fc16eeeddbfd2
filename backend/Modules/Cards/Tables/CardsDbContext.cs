using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Tables;

/// <summary>Cards as they stand, the events that made them so, and who must not be served.</summary>
internal sealed class CardsDbContext(ModuleDatabase database) : ModuleDbContext(database, SchemaName)
{
    public const string SchemaName = "cards";

    /// <summary>Gives card numbers their sequence.</summary>
    public const string NumberCounter = "card_number";

    /// <summary>Versions of the denylist. Its lock makes versions appear in the order of their numbers, so that no reader skips one.</summary>
    public const string DenylistCounter = "denylist";

    public DbSet<CardRow> Cards => Set<CardRow>();
    public DbSet<CardEventRow> Events => Set<CardEventRow>();
    public DbSet<DenylistRow> Denylist => Set<DenylistRow>();

    protected override void OnTablesCreating(ModelBuilder modelBuilder)
    {
        Counters.Map(modelBuilder);
        modelBuilder.Entity<CardRow>(card =>
        {
            card.HasKey(c => c.Card);
            card.Property(c => c.Card).ValueGeneratedNever();
            card.HasIndex(c => c.OrderId).IsUnique();
            // A household has one card that is not replaced, at most.
            card.HasIndex(c => c.Household).IsUnique().HasFilter($"state <> {(int)CardState.Replaced}");
        });
        modelBuilder.Entity<CardEventRow>(cardEvent =>
        {
            cardEvent.HasKey(e => e.EventId);
            cardEvent.HasIndex(e => e.Card);
            cardEvent.HasOne<CardRow>().WithMany().HasForeignKey(e => e.Card).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<DenylistRow>(entry =>
        {
            entry.HasKey(e => e.Version);
            entry.Property(e => e.Version).ValueGeneratedNever();
        });
    }
}

internal sealed class CardRow
{
    public CardNumber Card { get; set; }
    public HouseholdId Household { get; set; }
    public CardState State { get; set; }

    /// <summary>32 hexadecimal digits; idempotency key of the order.</summary>
    public string OrderId { get; set; } = "";

    /// <summary>Version of the issuer's masters that the card's keys come from.</summary>
    public int KeyVersion { get; set; }

    /// <summary>65 bytes; null until the card's keys are certified, as the next three.</summary>
    public byte[]? KeyAgreementKey { get; set; }
    public byte[]? SignatureKey { get; set; }
    public byte[]? KeyAgreementCertificate { get; set; }
    public byte[]? SignatureCertificate { get; set; }

    /// <summary>The card that this one replaces; null for a household's first.</summary>
    public CardNumber? Replaces { get; set; }
}

/// <summary>One step of a card's life; never changed.</summary>
internal sealed class CardEventRow
{
    public long EventId { get; set; }
    public CardNumber Card { get; set; }
    public CardState State { get; set; }
    public string Actor { get; set; } = "";
    public string Reason { get; set; } = "";
    public DateTimeOffset At { get; set; }
}

internal sealed class DenylistRow
{
    public long Version { get; set; }
    public CardNumber Card { get; set; }
    public bool Denied { get; set; }
    public DateTimeOffset At { get; set; }
}
