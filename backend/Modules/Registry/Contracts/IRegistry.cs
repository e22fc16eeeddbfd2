using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Registry.Contracts;

/// <summary>Who is in a household today. Everything personal stays behind this facade.</summary>
public interface IRegistry
{
    /// <summary>The household's shape on a business date; null where there is none of that id.</summary>
    Task<HouseholdShape?> FindHouseholdAsync(HouseholdId household, DateOnly date, CancellationToken cancellation);

    /// <summary>The shapes of many households at once, those that exist; for the path of a draw, one round trip.</summary>
    Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindHouseholdsAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation);

    /// <summary>The shapes of registered households in the order of their numbers, at most <paramref name="limit"/>; for work over all of them, page by page.</summary>
    /// <param name="after">The last one of the page before; 0 before the first.</param>
    Task<IReadOnlyList<HouseholdShape>> ListHouseholdsAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation);

    /// <summary>Registers households with their members; used by imports and the demo. Refuses a member without the fields that the rules need.</summary>
    Task<RegistrationOutcome> RegisterAsync(IReadOnlyCollection<HouseholdRegistration> households, CancellationToken cancellation);

    /// <summary>The head's name shortened for a screen ("أمينة ع. م."); null where there is no such household. Every look-up is audited.</summary>
    Task<string?> FindDisplayNameAsync(HouseholdId household, string caller, CancellationToken cancellation);

    /// <summary>Records a birth, a death, a joining, a leaving or a split. The same reference again changes nothing.</summary>
    Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent, CancellationToken cancellation);

    /// <summary>The household that a person is in today; null where the number is not known or in none. Every look-up is audited.</summary>
    Task<HouseholdId?> FindHouseholdOfAsync(string nationalId, string caller, CancellationToken cancellation);

    /// <summary>The country's governorates, by code.</summary>
    IReadOnlyList<Governorate> Governorates { get; }
}

/// <param name="Code">As in <see cref="HouseholdShape.Governorate"/>.</param>
public sealed record Governorate(short Code, Label Name);

/// <summary>What entitlement rules look at.</summary>
/// <param name="Household">Whose shape.</param>
/// <param name="Members">Living registered members on the date, the head counted.</param>
/// <param name="Programmes">Programme codes that the household is admitted to.</param>
/// <param name="Governorate">Administrative code of the governorate.</param>
public sealed record HouseholdShape(HouseholdId Household, int Members, IReadOnlyList<ushort> Programmes, short Governorate);

/// <summary>One household as it comes from the civil register.</summary>
public sealed record HouseholdRegistration(HouseholdId Household, short Governorate, IReadOnlyList<ushort> Programmes, IReadOnlyList<MemberRegistration> Members);

/// <param name="NationalId">14 digits in Egypt; kept encrypted, found by a keyed blind index.</param>
public sealed record MemberRegistration(string NationalId, string GivenName, string FamilyName, DateOnly BornOn, MemberRole Role);

public enum MemberRole
{
    Head = 1,
    Spouse = 2,
    Child = 3,
    Other = 4,
}

/// <summary>What became of a registration: how many households were added, and what was refused and why.</summary>
public sealed record RegistrationOutcome(int Added, int AlreadyKnown, IReadOnlyList<RegistrationRefusal> Refusals);

/// <param name="Field">Path of the field, such as "members[2].nationalId".</param>
public sealed record RegistrationRefusal(HouseholdId Household, RegistrationProblem Problem, string Field, string Reason, string NextStep);

public enum RegistrationProblem
{
    UnknownHousehold = 1,
    HouseholdExists,
    MalformedHousehold,
    UnknownGovernorate,
    NoProgrammes,
    NoMembers,
    TooManyMembers,
    NotOneHead,
    NameMissing,
    NationalIdMalformed,
    BirthDateDiffers,
    DateInFuture,
    PersonInOtherHousehold,
    PersonTwice,
    UnknownPerson,
    NotAMember,
    PersonDead,
    ReferenceMissing,
}
