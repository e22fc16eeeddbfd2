using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Platform.Secrets;

namespace SmartCard.Backend.Platform;

public static class PlatformServices
{
    /// <summary>
    /// What all modules share: the database (section "Database"), the data folder, its secrets (section "Secrets"), the clock.
    /// Settings are validated at start-up, with an error that says which one and what it may be.
    /// After building the host, before serving: <c>await app.Services.MigrateAsync(cancellation)</c>.
    /// </summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        services.AddOptions<DatabaseOptions>().Bind(configuration.GetSection(DatabaseOptions.Section)).ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => DataFolder.At(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.DataFolder));
        services.TryAddSingleton(provider => ModuleDatabase.Create(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value));
        services.TryAddSingleton<IDbConnectionFactory>(provider => provider.GetRequiredService<ModuleDatabase>());
        services.AddSingleton<IValidateOptions<SecretOptions>, SecretOptionsValidator>();
        services.AddOptions<SecretOptions>().Bind(configuration.GetSection(SecretOptions.Section)).ValidateOnStart();
        services.TryAddSingleton<ISecretStore>(provider =>
            new FileSecretStore(provider.GetRequiredService<DataFolder>(), provider.GetRequiredService<IOptions<SecretOptions>>().Value));
        return services;
    }

    /// <summary>Called by each module's own registration, once for its tables.</summary>
    public static IServiceCollection AddModuleTables(this IServiceCollection services, Func<ModuleDatabase, ModuleDbContext> open) =>
        services.AddSingleton(new ModuleSchema(open));
}
