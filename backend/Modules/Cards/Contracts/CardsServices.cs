using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Cards.Certificates;
using SmartCard.Backend.Cards.Cryptography;
using SmartCard.Backend.Cards.Issuance;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Cards.Contracts;

public static class CardsServices
{
    /// <summary>Cards, their cryptography and the certificate authority; section "Cards", validated at start-up. Needs the platform, the registry and a business calendar.</summary>
    public static IServiceCollection AddCards(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<CardsOptions>, CardsOptionsValidator>();
        services.AddOptions<CardsOptions>().Bind(configuration.GetSection(CardsOptions.Section)).ValidateOnStart();
        services.TryAddSingleton<IRandomSource>(SystemRandomSource.Instance);
        return services
            .AddModuleTables(database => new CardsDbContext(database))
            .AddSingleton(provider => provider.GetRequiredService<IOptions<CardsOptions>>().Value)
            .AddSingleton<IKeyStore, FileKeyStore>()
            .AddSingleton<IssuerKeys>()
            .AddSingleton<CardAuthorities>()
            .AddSingleton<TlsAuthorities>()
            .AddSingleton<IssuanceDesk>()
            .AddSingleton<ICertificateAuthority, StoreCertificateAuthority>()
            .AddSingleton<ICardCryptography, CardCryptography>()
            .AddSingleton<ICardIssuance, CardIssuance>()
            .AddSingleton<ICards, CardsFacade>();
    }
}
