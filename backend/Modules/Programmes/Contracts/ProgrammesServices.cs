using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Profiles;

namespace SmartCard.Backend.Programmes.Contracts;

public static class ProgrammesServices
{
    /// <summary>The country profile (section "Programmes", validated at start-up) and the business calendar of its time zone.</summary>
    public static IServiceCollection AddProgrammes(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProgrammesOptions>()
            .Bind(configuration.GetSection(ProgrammesOptions.Section))
            .Validate(
                options => EmbeddedProfiles.Codes.Contains(options.Profile),
                $"{ProgrammesOptions.Section}:{nameof(ProgrammesOptions.Profile)} may be {string.Join(" or ", EmbeddedProfiles.Codes.Select(code => $"\"{code}\""))}.")
            .ValidateOnStart();
        services.TryAddSingleton<IProgrammes>(provider =>
            ProfileCalendar.Load(EmbeddedProfiles.Read(provider.GetRequiredService<IOptions<ProgrammesOptions>>().Value.Profile)));
        services.TryAddSingleton(provider =>
            new BusinessCalendar(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IProgrammes>().Profile.IanaZone));
        return services;
    }
}
