using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.CivilEvents;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Identities;
using SmartCard.Backend.Registry.Registration;

namespace SmartCard.Backend.Registry;

/// <summary>The module's one door.</summary>
internal sealed class RegistryFacade(HouseholdShapes shapes, HouseholdRegistrar registrar, CivilEventRecorder recorder, LookUps lookUps) : IRegistry
{
    public IReadOnlyList<Governorate> Governorates => Divisions.Governorates.All;

    public async Task<HouseholdShape?> FindHouseholdAsync(HouseholdId household, DateOnly date, CancellationToken cancellation) =>
        (await shapes.FindAsync([household], date, cancellation)).GetValueOrDefault(household);

    public Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindHouseholdsAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation) =>
        shapes.FindAsync(households, date, cancellation);

    public Task<IReadOnlyList<HouseholdShape>> ListHouseholdsAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation) =>
        shapes.ListAsync(date, after, limit, cancellation);

    public Task<RegistrationOutcome> RegisterAsync(IReadOnlyCollection<HouseholdRegistration> households, CancellationToken cancellation) =>
        registrar.RegisterAsync(households, cancellation);

    public Task<string?> FindDisplayNameAsync(HouseholdId household, string caller, CancellationToken cancellation) =>
        lookUps.DisplayNameAsync(household, caller, cancellation);

    public Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent, CancellationToken cancellation) => recorder.RecordAsync(civilEvent, cancellation);

    public Task<HouseholdId?> FindHouseholdOfAsync(string nationalId, string caller, CancellationToken cancellation) =>
        lookUps.HouseholdOfAsync(nationalId, caller, cancellation);
}
