using Microsoft.Extensions.Options;
using SmartCard.Backend.Hosting;
using SmartCard.Backend.Platform;

using SmartCard.Backend.Services;

namespace SmartCard.Backend;

/// <summary>The backend's table of contents: its modules, and what it serves over them.</summary>
internal static class Program
{
    /// <summary>EX_CONFIG of sysexits.h: started with settings that cannot be.</summary>
    private const int ExitConfiguration = 78;

    public static void AddModules(IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlatform(configuration);

    }

    public static void MapServices(WebApplication app)
    {
        app.UseReasonForOversizedMessages();
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
            foreach (var sentence in refusal.Failures)
                await Console.Error.WriteLineAsync(sentence);
            return ExitConfiguration;
        }
    }
}
