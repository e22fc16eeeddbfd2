using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// A module's tables: one model for both databases. Names become snake_case by rule, so a model says only what is special; the
/// tables live in the module's schema, or carry its name before theirs on SQLite.
/// </summary>
public abstract class ModuleDbContext(ModuleDatabase database, string schema) : DbContext
{
    public string Schema => schema;

    /// <summary>Saves in the writer's turn, see <see cref="IDbConnectionFactory.BeginWriteAsync"/>; inside a transaction of the context the turn is the caller's.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (Database.CurrentTransaction is not null)
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        using var turn = await database.TakeWritersTurnAsync(cancellationToken);
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>Makes this context work inside a transaction that was begun by hand; its owner commits.</summary>
    public async Task JoinAsync(WriteTransaction write, CancellationToken cancellation)
    {
        Database.SetDbConnection(write.Connection);
        await Database.UseTransactionAsync(write.Transaction, cancellation);
    }

    protected sealed override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => database.Configure(optionsBuilder, schema);

    protected sealed override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => ValueConverters.Apply(configurationBuilder);

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        OnTablesCreating(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
            Name(entity);
    }

    /// <summary>The module's entities, keys, indexes and checks.</summary>
    protected abstract void OnTablesCreating(ModelBuilder modelBuilder);

    internal static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0 && text[^1] != '_')
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }

    private void Name(IMutableEntityType entity)
    {
        var table = SnakeCase(entity.GetTableName()!);
        var isSqlite = database.Provider == DatabaseProvider.Sqlite;
        entity.SetTableName(isSqlite ? database.Table(schema, table) : table);
        entity.SetSchema(isSqlite ? null : schema);
        foreach (var property in entity.GetProperties())
            property.SetColumnName(SnakeCase(property.GetColumnName()));
        foreach (var key in entity.GetKeys())
            key.SetName(key.IsPrimaryKey() ? $"pk_{schema}_{table}" : $"ak_{schema}_{table}_{Columns(key.Properties)}");
        foreach (var reference in entity.GetForeignKeys())
            reference.SetConstraintName($"fk_{schema}_{table}_{Columns(reference.Properties)}");
        foreach (var index in entity.GetIndexes())
            index.SetDatabaseName($"ix_{schema}_{table}_{Columns(index.Properties)}");
    }

    private static string Columns(IReadOnlyList<IMutableProperty> properties) => string.Join('_', properties.Select(property => SnakeCase(property.Name)));
}
