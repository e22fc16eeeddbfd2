using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Merchants.Claiming;
using SmartCard.Backend.Merchants.ClosingBatches;
using SmartCard.Backend.Merchants.Enrolling;
using SmartCard.Backend.Merchants.Registering;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Merchants.Contracts;

public static class MerchantsServices
{
    /// <summary>
    /// Merchants, their terminals and what they claim (section "Merchants", validated at start-up). Needs the platform and the business
    /// calendar of the country profile.
    /// </summary>
    public static IServiceCollection AddMerchants(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<MerchantsOptions>, MerchantsOptionsValidator>();
        services.AddOptions<MerchantsOptions>().Bind(configuration.GetSection(MerchantsOptions.Section)).ValidateOnStart();
        services.AddModuleTables(database => new MerchantsDbContext(database));
        services.TryAddSingleton<IRandomSource>(SystemRandomSource.Instance);
        services.TryAddSingleton<TerminalStandings>();
        services.TryAddSingleton<MerchantRegister>();
        services.TryAddSingleton<TerminalEnrolment>();
        services.TryAddSingleton<LedgerIntake>();
        services.TryAddSingleton<LedgerReader>();
        services.TryAddSingleton<BatchClosing>();
        services.TryAddSingleton<IMerchants, MerchantFacade>();
        services.TryAddSingleton<IMerchantLedgers, MerchantLedgerFacade>();
        return services;
    }
}
