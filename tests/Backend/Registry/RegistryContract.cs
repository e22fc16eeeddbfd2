using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Registry;

/// <summary>A registry on one database, with builders of people. Each test takes household numbers of its own.</summary>
public abstract class RegistryContract(TestDatabase fixture) : IAsyncLifetime
{
    private static int _serial;
    private static long _household = 1_000;

    private protected static readonly DateOnly Today = new(2026, 11, 22);

    private ServiceProvider _services = null!;

    private protected IRegistry Registry => _services.GetRequiredService<IRegistry>();

    private protected ModuleDatabase Database => fixture.Database;

    /// <summary>A fresh database of the same kind, without tables.</summary>
    private protected TestDatabase Another() => fixture.Another();

    public async Task InitializeAsync()
    {
        _services = TestServices.For(fixture, new FakeClock(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero)))
            .AddRegistry(TestServices.NoSettings)
            .BuildServiceProvider();
        await _services.MigrateAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await _services.DisposeAsync();

    private protected static HouseholdId NextHousehold() => new(Interlocked.Increment(ref _household));

    private protected static MemberRegistration Person(MemberRole role, DateOnly bornOn, string given = "أمينة", string family = "عبد الله") =>
        new(NationalIdOf(bornOn), given, family, bornOn, role);

    private protected static string NationalIdOf(DateOnly bornOn)
    {
        var body = $"{(bornOn.Year < 2000 ? 2 : 3)}{bornOn:yyMMdd}01{Interlocked.Increment(ref _serial):D4}";
        return body + NationalIdCheckDigit.Of(body);
    }

    private protected static HouseholdRegistration Family(params MemberRegistration[] members) =>
        new(NextHousehold(), 1, [1, 2, 3], members);

    private protected static HouseholdRegistration CoupleWithChild() => Family(
        Person(MemberRole.Head, new DateOnly(1980, 5, 1), "أمينة", "علي محمود"),
        Person(MemberRole.Spouse, new DateOnly(1978, 3, 2), "حسن", "علي"),
        Person(MemberRole.Child, new DateOnly(2015, 9, 9), "ليلى", "علي"));

    private protected async Task<int> MembersAsync(HouseholdId household, DateOnly date) =>
        (await Registry.FindHouseholdAsync(household, date, CancellationToken.None))?.Members ?? -1;

    private protected async Task<HouseholdRegistration> RegisteredAsync(HouseholdRegistration household)
    {
        var outcome = await Registry.RegisterAsync([household], CancellationToken.None);
        Assert.Empty(outcome.Refusals);
        return household;
    }

    private protected Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent) => Registry.RecordAsync(civilEvent, CancellationToken.None);
}
