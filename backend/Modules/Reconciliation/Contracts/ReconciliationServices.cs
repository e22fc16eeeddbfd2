using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Reporting;
using SmartCard.Backend.Reconciliation.Running;
using SmartCard.Backend.Reconciliation.Tables;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Reconciliation.Contracts;

public static class ReconciliationServices
{
    /// <summary>
    /// The evening's reconciliation (section "Reconciliation", validated at start-up). Needs the platform, programmes, merchants and
    /// disbursements.
    /// </summary>
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<ReconciliationOptions>, ReconciliationOptionsValidator>();
        services.AddOptions<ReconciliationOptions>().Bind(configuration.GetSection(ReconciliationOptions.Section)).ValidateOnStart();
        services.AddModuleTables(database => new ReconciliationDbContext(database));
        services.TryAddSingleton<IRandomSource>(SystemRandomSource.Instance);
        services.TryAddSingleton<RunStore>();
        services.TryAddSingleton<DateRunner>();
        services.TryAddSingleton<ReportSource>();
        services.TryAddSingleton<IReconciliation, ReconciliationFacade>();
        return services;
    }
}
