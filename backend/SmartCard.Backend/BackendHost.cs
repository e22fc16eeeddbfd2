using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Hosting;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend;

/// <summary>How a backend inside another process differs from one that was started as a program.</summary>
public sealed record EmbeddedBackend
{
    /// <summary>As in a settings file, such as ["Server:Listen"] = "127.0.0.1:0". They win over the environment.</summary>
    public required IReadOnlyDictionary<string, string?> Settings { get; init; }

    /// <summary>The clock of everything in it; the system's where null.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Where its log goes; nowhere where null.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>Puts other services in the place of its own; for tests.</summary>
    public Action<IServiceCollection>? Replace { get; init; }
}

/// <summary>
/// The backend: its modules, their tables brought up to date, and the gRPC services over them. Built, then started; disposing stops it.
/// </summary>
public sealed class BackendHost : IAsyncDisposable
{
    // The journal of calls says what these would say again, line by line; a settings file or the environment may ask for them.
    private static readonly Dictionary<string, string?> DefaultLogLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:LogLevel:Grpc"] = "Critical",
    };

    private readonly WebApplication _app;
    private Uri? _address;

    private BackendHost(WebApplication app) => _app = app;

    /// <summary>The modules' facades.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Where it listens, such as https://127.0.0.1:7443; known once started.</summary>
    public Uri Address => _address ?? throw new InvalidOperationException("The backend is not started.");

    /// <exception cref="OptionsValidationException">A setting is not what it may be; each failure is a sentence for the operator.</exception>
    public static Task<BackendHost> BuildAsync(string[] args, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = DefaultLogLevels });
        return BuildAsync(builder, null, cancellation);
    }

    /// <exception cref="OptionsValidationException">A setting is not what it may be; each failure is a sentence for the operator.</exception>
    public static Task<BackendHost> BuildAsync(EmbeddedBackend embedded, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(embedded.Settings);
        builder.Logging.ClearProviders();
        embedded.Logging?.Invoke(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        if (embedded.Time is not null)
            builder.Services.AddSingleton(embedded.Time);
        return BuildAsync(builder, embedded.Replace, cancellation);
    }

    /// <summary>Listens from when this returns.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _ = _app.Services.GetRequiredService<ServerTls>(); // what is wrong with its keys stops the start, not the first caller
        await _app.StartAsync(cancellation);
        var bound = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        _address = bound.Host is "0.0.0.0" or "[::]" ? new UriBuilder(bound) { Host = "localhost" }.Uri : bound;
    }

    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    /// <summary>Until the process is told to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<BackendHost> BuildAsync(WebApplicationBuilder builder, Action<IServiceCollection>? replace, CancellationToken cancellation)
    {
        builder.AddGrpcServer();
        Program.AddModules(builder.Services, builder.Configuration);
        replace?.Invoke(builder.Services);

        Validate(builder.Services);
        var app = builder.Build();
        try
        {
            Program.MapServices(app);
            await app.Services.MigrateAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return new BackendHost(app);
    }

    // Before anything is built: to build the server is to read its settings, and the operator wants to hear of all that are wrong at once.
    private static void Validate(IServiceCollection services)
    {
#pragma warning disable ASP0000 // no second copy of a singleton stays: this provider makes options alone and is gone with this method
        using var provider = services.BuildServiceProvider();
#pragma warning restore ASP0000
        try
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (AggregateException several) when (several.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            var failures = several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures);
            throw new OptionsValidationException(nameof(BackendHost), typeof(BackendHost), failures);
        }
    }
}
