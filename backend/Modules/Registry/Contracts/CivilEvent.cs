using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Registry.Contracts;

/// <summary>
/// Something that changes who is in a household, with the day from which it counts. Events may arrive late; the shape on a date is
/// right from then on, also for dates that have passed.
/// </summary>
/// <param name="Reference">The civil register's own number: the same again changes nothing.</param>
/// <param name="On">Business date.</param>
public abstract record CivilEvent(string Reference, DateOnly On)
{
    /// <summary>A child of the household, a member from its birth date on.</summary>
    public sealed record Birth(string Reference, HouseholdId Household, MemberRegistration Child) : CivilEvent(Reference, Child.BornOn);

    /// <summary>Counts as a member on the day of death, not after.</summary>
    public sealed record Death(string Reference, string NationalId, DateOnly On) : CivilEvent(Reference, On);

    /// <summary>Somebody who is in no household on that day becomes a member: by marriage, by return, or until now unregistered.</summary>
    public sealed record Joined(string Reference, HouseholdId Household, MemberRegistration Member, DateOnly On) : CivilEvent(Reference, On);

    /// <summary>Not a member from that day on.</summary>
    public sealed record Left(string Reference, string NationalId, DateOnly On) : CivilEvent(Reference, On);

    /// <summary>Members leave a household and are one of their own from that day on, with the programmes of the first: a marriage, a divorce.</summary>
    public sealed record Split(string Reference, HouseholdId From, HouseholdId Into, short Governorate, IReadOnlyList<SplitMember> Members, DateOnly On) : CivilEvent(Reference, On);
}

public sealed record SplitMember(string NationalId, MemberRole Role);

public abstract record CivilEventOutcome
{
    public sealed record Recorded : CivilEventOutcome;

    public sealed record AlreadyRecorded : CivilEventOutcome;

    public sealed record Refused(RegistrationProblem Problem, string Field, string Reason, string NextStep) : CivilEventOutcome;
}
