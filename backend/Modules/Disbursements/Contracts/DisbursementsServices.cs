using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.PeriodEnds;
using SmartCard.Backend.Disbursements.Queries;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Disbursements.Contracts;

public static class DisbursementsServices
{
    /// <summary>The ledger of draws (section "Disbursements", validated at start-up). Asks Registry, Programmes and Cards, which have to be added too.</summary>
    public static IServiceCollection AddDisbursements(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<LedgerOptions>, LedgerOptionsValidator>();
        services.AddOptions<LedgerOptions>().Bind(configuration.GetSection(LedgerOptions.Section)).ValidateOnStart();
        services.AddModuleTables(database => new DisbursementsDbContext(database));
        services.TryAddSingleton<RecordClock>();
        services.TryAddSingleton<LedgerPath>();
        services.TryAddSingleton<Lookups>();
        services.TryAddSingleton<LedgerQueries>();
        services.TryAddSingleton<IDisbursements, DisbursementLedger>();
        services.TryAddSingleton<AllowanceExpiries>();
        services.TryAddSingleton<PeriodRollovers>();
        services.AddHostedService<PeriodEndService>();
        return services;
    }
}
