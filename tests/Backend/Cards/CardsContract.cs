using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Cards;

/// <summary>Cards on one database, over a registry in which every household from 1 on exists.</summary>
public abstract class CardsContract(TestDatabase fixture) : IAsyncLifetime
{
    private protected const string Clerk = "clerk.mona";

    private static long _household = 5_000;
    private static int _order;

    private ServiceProvider _services = null!;

    private protected FakeClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));

    private protected ICardIssuance Issuance => Get<ICardIssuance>();

    private protected ICards Cards => Get<ICards>();

    private protected ModuleDatabase Database => fixture.Database;

    public async Task InitializeAsync()
    {
        _services = TestServices.For(fixture, Clock)
            .AddSingleton<IRegistry, EverybodysRegistry>()
            .AddCards(TestServices.NoSettings)
            .BuildServiceProvider();
        await _services.MigrateAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await _services.DisposeAsync();

    private protected T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    private protected static HouseholdId NextHousehold() => new(Interlocked.Increment(ref _household));

    private protected static Guid NextOrder() => new(Interlocked.Increment(ref _order), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private protected async Task<CardNumber> OrderedAsync(HouseholdId? household = null) =>
        Done(await Issuance.OrderAsync(NextOrder(), household ?? NextHousehold(), Clerk, CancellationToken.None)).Card;

    private protected async Task<CardNumber> CertifiedAsync(byte[]? signatureKey = null)
    {
        var card = await OrderedAsync();
        Assert.IsType<CertificationOutcome.Certified>(await Issuance.CertifyAsync(card, NewPoint(), signatureKey ?? NewPoint(), Clerk, CancellationToken.None));
        return card;
    }

    private protected async Task<CardNumber> ActiveAsync(byte[]? signatureKey = null)
    {
        var card = await CertifiedAsync(signatureKey);
        Done(await Issuance.CompletePersonalisationAsync(card, Clerk, CancellationToken.None));
        Done(await Issuance.IssueAsync(card, Clerk, CancellationToken.None));
        Assert.Equal(CardState.Active, Done(await Issuance.ActivateAsync(card, Clerk, CancellationToken.None)).State);
        return card;
    }

    private protected async Task<CardStanding> StandingAsync(CardNumber card) => (await Cards.FindAsync([card], CancellationToken.None))[card];

    private protected static CardOutcome.Done Done(CardOutcome outcome) => Assert.IsType<CardOutcome.Done>(outcome);

    private protected static CardRefusal Refused(CardOutcome outcome)
    {
        var refused = Assert.IsType<CardOutcome.Refused>(outcome);
        Assert.NotEmpty(refused.NextStep);
        return refused.Reason;
    }

    private protected static byte[] NewPoint()
    {
        using var pair = EcKeyPair.Generate();
        return pair.PublicPoint.ToArray();
    }

    private protected static byte[] RequestOf(ECDsa key) => new CertificateRequest("CN=anything", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private sealed class EverybodysRegistry : IRegistry
    {
        public IReadOnlyList<Governorate> Governorates => [];

        public Task<HouseholdShape?> FindHouseholdAsync(HouseholdId household, DateOnly date, CancellationToken cancellation) =>
            Task.FromResult(household.Value > 0 ? new HouseholdShape(household, 4, [1, 2, 3], 1) : null);

        public Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindHouseholdsAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<HouseholdShape>> ListHouseholdsAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RegistrationOutcome> RegisterAsync(IReadOnlyCollection<HouseholdRegistration> households, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<string?> FindDisplayNameAsync(HouseholdId household, string caller, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<HouseholdId?> FindHouseholdOfAsync(string nationalId, string caller, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
