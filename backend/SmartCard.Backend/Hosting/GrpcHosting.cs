using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Services;

namespace SmartCard.Backend.Hosting;

/// <summary>The gRPC server: its listener, its limits, and what stands before every method.</summary>
internal static class GrpcHosting
{
    public static void AddGrpcServer(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        builder.Services.AddOptions<ServerOptions>().Bind(builder.Configuration.GetSection(ServerOptions.Section)).ValidateOnStart();
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listener>();
        builder.Services.AddSingleton<ServerTls>();
        builder.Services.AddSingleton(services => new Lazy<ServerTls>(services.GetRequiredService<ServerTls>));

        builder.Services.AddSingleton<CallerCertificates>();
        builder.Services.AddSingleton<CallRates>();
        builder.Services.AddSingleton<CallJournal>();
        builder.Services.AddSingleton<CallerCheck>();
        builder.Services.AddSingleton<TerminalParameters>();
        builder.Services.AddSingleton<DatabaseWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseWatch>());
        // One of each: they keep nothing of a call.
        builder.Services.AddSingleton<HealthService>();
        builder.Services.AddSingleton<TerminalsService>();
        builder.Services.AddSingleton<DisbursementsService>();
        builder.Services.AddSingleton<BatchesService>();
        builder.Services.AddSingleton<CardsService>();
        builder.Services.AddSingleton<ReconciliationService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = CallLimits.MessageBytesMax;
            grpc.EnableDetailedErrors = false;
            grpc.Interceptors.Add<CallJournal>(); // outermost: it sees what all others refuse
            grpc.Interceptors.Add<CallerCheck>();
        });
    }
}
