using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Divisions;

namespace SmartCard.Backend.Registry.Registration;

/// <summary>What a household and its members have to have so that rules can be applied to them. The first problem is told.</summary>
internal sealed class MemberChecks(BusinessCalendar calendar, IOptions<RegistryOptions> options)
{
    public const int MembersMax = 40;
    public const int NameLengthMax = 200;

    private readonly bool _checkDigitCounts = options.Value.NationalIdCheckDigit == RegistryOptions.Refuse;

    public DateOnly Today => calendar.Today;

    public RegistrationRefusal? RefusalOf(HouseholdRegistration household)
    {
        RegistrationRefusal Refused(RegistrationProblem problem, string field, string reason, string nextStep) =>
            new(household.Household, problem, field, reason, nextStep);

        if (household.Household.Value <= 0)
            return Refused(RegistrationProblem.MalformedHousehold, "household", "The household's number is not positive.", "Send the number from the civil register.");
        if (!Governorates.Exists(household.Governorate))
            return Refused(RegistrationProblem.UnknownGovernorate, "governorate", $"There is no governorate {household.Governorate}.", "Use the code of one of the country's governorates.");
        if (household.Programmes.Count == 0 || household.Programmes.Distinct().Count() != household.Programmes.Count)
            return Refused(RegistrationProblem.NoProgrammes, "programmes", "Programmes are missing or one is named twice.", "Name each programme that the household is admitted to once.");
        if (household.Members.Count == 0)
            return Refused(RegistrationProblem.NoMembers, "members", "The household has no members.", "Send at least its head.");
        if (household.Members.Count > MembersMax)
            return Refused(RegistrationProblem.TooManyMembers, "members", $"The household has {household.Members.Count} members; at most {MembersMax} are registered at once.", "Check the import; add further members by civil events.");
        if (household.Members.Count(member => member.Role == MemberRole.Head) != 1)
            return Refused(RegistrationProblem.NotOneHead, "members", "The household does not have exactly one head.", "Give one member the role of head.");
        for (var index = 0; index < household.Members.Count; index++)
        {
            if (ProblemOf(household.Members[index]) is { } problem)
                return Refused(problem.Problem, $"members[{index}].{problem.Field}", problem.Reason, problem.NextStep);
        }
        return household.Members.Select(member => member.NationalId).Distinct().Count() == household.Members.Count
            ? null
            : Refused(RegistrationProblem.PersonTwice, "members", "A national id stands for two members.", "Remove the duplicate.");
    }

    public MemberProblem? ProblemOf(MemberRegistration member)
    {
        if (!Enum.IsDefined(member.Role))
            return new(RegistrationProblem.NotOneHead, "role", "The role is none of head, spouse, child, other.", "Send the member's role.");
        if (member.GivenName.Trim().Length is 0 or > NameLengthMax)
            return new(RegistrationProblem.NameMissing, "givenName", "The given name is missing or too long.", "Send the name from the civil register.");
        if (member.FamilyName.Trim().Length is 0 or > NameLengthMax)
            return new(RegistrationProblem.NameMissing, "familyName", "The family name is missing or too long.", "Send the name from the civil register.");
        if (!TryReadNationalId(member.NationalId, out var id, out var problem))
            return problem;
        if (member.BornOn != id.BornOn)
            return new(RegistrationProblem.BirthDateDiffers, "bornOn", "The birth date is not that of the national id.", "Check both against the birth certificate.");
        return member.BornOn > Today
            ? new(RegistrationProblem.DateInFuture, "bornOn", "The birth date is in the future.", "Send the birth after it happened.")
            : null;
    }

    public bool TryReadNationalId(string? text, out NationalId id, out MemberProblem? problem)
    {
        problem = null;
        if (NationalId.TryParse(text, _checkDigitCounts, out id, out var wrong))
            return true;
        var reason = wrong switch
        {
            NationalIdProblem.Length => "A national id has 14 digits.",
            NationalIdProblem.NotDigits => "A national id has digits only, 0 to 9.",
            NationalIdProblem.Century => "The first digit, the century, is neither 2 nor 3.",
            NationalIdProblem.BirthDate => "Digits 2 to 7 are no date.",
            NationalIdProblem.Governorate => "Digits 8 and 9 are no governorate's code.",
            NationalIdProblem.Serial => "Digits 10 to 13, the serial, are zero.",
            NationalIdProblem.CheckDigit => "The last digit, the check digit, does not fit the others.",
            _ => throw new InvalidOperationException("A number without a problem was refused."),
        };
        problem = new(RegistrationProblem.NationalIdMalformed, "nationalId", reason, "Compare it with the identity card or the birth certificate.");
        return false;
    }
}

internal sealed record MemberProblem(RegistrationProblem Problem, string Field, string Reason, string NextStep);
