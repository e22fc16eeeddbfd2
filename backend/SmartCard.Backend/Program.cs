using System.Data.Common;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Hosting;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Secrets;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Services;

namespace SmartCard.Backend;

/// <summary>The backend's table of contents: its modules, and what it serves over them.</summary>
internal static class Program
{
    /// <summary>EX_CONFIG of sysexits.h: started with settings that cannot be.</summary>
    private const int ExitConfiguration = 78;

    /// <summary>EX_UNAVAILABLE: something that it needs is not there.</summary>
    private const int ExitUnavailable = 69;

    public static void AddModules(IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatform(configuration);
        services.AddProgrammes(configuration);
        services.AddRegistry(configuration);
        services.AddCards(configuration);
        services.AddMerchants(configuration);
        services.AddDisbursements(configuration);
        services.AddReconciliation(configuration);
    }

    public static void MapServices(WebApplication app)
    {
        app.UseMiddleware<UnreadableMessages>();
        app.MapGrpcService<HealthService>();
        app.MapGrpcService<TerminalsService>();
        app.MapGrpcService<DisbursementsService>();
        app.MapGrpcService<BatchesService>();
        app.MapGrpcService<CardsService>();
        app.MapGrpcService<ReconciliationService>();
    }

    private static async Task<int> Main(string[] args)
    {
        try
        {
            await using var backend = await BackendHost.BuildAsync(args, CancellationToken.None);
            await backend.StartAsync(CancellationToken.None);
            await backend.WaitForShutdownAsync(CancellationToken.None);
            return 0;
        }
        catch (OptionsValidationException refusal)
        {
            return await StopAsync(ExitConfiguration, [.. refusal.Failures]);
        }
        catch (SecretStoreException failure)
        {
            return await StopAsync(ExitConfiguration, failure.Message);
        }
        catch (DbException failure)
        {
            return await StopAsync(ExitUnavailable, $"The database of Database:Provider and Database:ConnectionString cannot be used: {failure.Message}");
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            return await StopAsync(ExitUnavailable, "Server:Listen is an address that another program listens on; it has to be a free one.");
        }
    }

    private static async Task<int> StopAsync(int exitCode, params string[] sentences)
    {
        foreach (var sentence in sentences)
            await Console.Error.WriteLineAsync(sentence);
        return exitCode;
    }
}
