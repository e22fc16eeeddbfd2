using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.CivilEvents;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Identities;
using SmartCard.Backend.Registry.Registration;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Contracts;

public static class RegistryServices
{
    /// <summary>The registry; section "Registry", validated at start-up. Needs the platform and a business calendar.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RegistryOptions>()
            .Bind(configuration.GetSection(RegistryOptions.Section))
            .Validate(
                options => options.NationalIdCheckDigit is RegistryOptions.Refuse or RegistryOptions.Ignore,
                $"{RegistryOptions.Section}:{nameof(RegistryOptions.NationalIdCheckDigit)} may be \"{RegistryOptions.Refuse}\" or \"{RegistryOptions.Ignore}\".")
            .ValidateOnStart();
        return services
            .AddModuleTables(database => new RegistryDbContext(database))
            .AddSingleton<PersonalDataVault>()
            .AddSingleton<MemberChecks>()
            .AddSingleton<HouseholdShapes>()
            .AddSingleton<HouseholdRegistrar>()
            .AddSingleton<CivilEventRecorder>()
            .AddSingleton<LookUps>()
            .AddSingleton<IRegistry, RegistryFacade>();
    }
}
