using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>A module's tables as start-up sees them.</summary>
public sealed class ModuleSchema(Func<ModuleDatabase, ModuleDbContext> open)
{
    public ModuleDbContext Open(ModuleDatabase database) => open(database);

    /// <summary>Brings the module's tables to the version of this program; does nothing where they are.</summary>
    public async Task MigrateAsync(ModuleDatabase database, CancellationToken cancellation)
    {
        await using var context = open(database);
        await context.Database.MigrateAsync(cancellation);
    }
}

public static partial class DatabaseMigration
{
    /// <summary>Brings every registered module's tables to the version of this program, in the order of registration.</summary>
    public static async Task MigrateAsync(this IServiceProvider services, CancellationToken cancellation)
    {
        var database = services.GetRequiredService<ModuleDatabase>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DatabaseMigration).FullName!);
        await using var turn = await database.TakeMigrationTurnAsync(cancellation);
        foreach (var schema in services.GetServices<ModuleSchema>())
            await schema.MigrateAsync(database, cancellation);
        LogMigrated(logger, database.Provider);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The tables of all modules are up to date on {Provider}")]
    private static partial void LogMigrated(ILogger logger, DatabaseProvider provider);
}
