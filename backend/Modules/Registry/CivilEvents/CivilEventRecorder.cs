using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Divisions;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Identities;
using SmartCard.Backend.Registry.Registration;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.CivilEvents;

/// <summary>Applies civil events to memberships, one transaction each, in turns (the lock of the people counter).</summary>
internal sealed class CivilEventRecorder(ModuleDatabase database, PersonalDataVault vault, MemberChecks checks, HouseholdShapes shapes, TimeProvider time)
{
    public async Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent, CancellationToken cancellation)
    {
        if (civilEvent.Reference.Length is 0 or > 100)
            return new CivilEventOutcome.Refused(RegistrationProblem.ReferenceMissing, "reference", "The civil register's number is missing or too long.", "Send the number of the certificate.");

        await using var write = await database.BeginWriteAsync(cancellation);
        var newPerson = await database.TakeAsync(write, RegistryDbContext.SchemaName, RegistryDbContext.PeopleCounter, 1, cancellation);
        await using var context = new RegistryDbContext(database);
        await context.JoinAsync(write, cancellation);

        if (await context.CivilEvents.AnyAsync(row => row.Reference == civilEvent.Reference, cancellation))
            return new CivilEventOutcome.AlreadyRecorded();
        if (civilEvent.On > checks.Today)
            return new CivilEventOutcome.Refused(RegistrationProblem.DateInFuture, "on", "The event's date is in the future.", "Send it when it has happened.");
        var step = new Step(context, vault, checks, newPerson, cancellation);
        var outcome = civilEvent switch
        {
            CivilEvent.Birth birth => await step.JoinAsync(birth.Household, birth.Child, birth.On, "child"),
            CivilEvent.Joined joined => await step.JoinAsync(joined.Household, joined.Member, joined.On, "member"),
            CivilEvent.Death death => await step.DieAsync(death),
            CivilEvent.Left left => await step.LeaveAsync(left),
            CivilEvent.Split split => await step.SplitAsync(split, time.GetUtcNow()),
            _ => throw new InvalidOperationException("The kinds of civil events are closed."),
        };
        if (outcome.Refusal is { } refusal)
            return refusal;

        context.Add(new CivilEventRow
        {
            Reference = civilEvent.Reference,
            Kind = civilEvent.GetType().Name,
            Household = outcome.Household,
            OccurredOn = civilEvent.On,
            RecordedAt = time.GetUtcNow(),
        });
        await context.SaveChangesAsync(cancellation);
        await shapes.RefreshAsync(write, [.. context.Members.Local.Select(member => member.Household).Distinct()], cancellation);
        await write.CommitAsync(cancellation);
        return new CivilEventOutcome.Recorded();
    }

    private readonly record struct Outcome(HouseholdId Household, CivilEventOutcome.Refused? Refusal)
    {
        public static implicit operator Outcome(HouseholdId household) => new(household, Refusal: null);

        public static implicit operator Outcome(CivilEventOutcome.Refused refusal) => new(default, refusal);
    }

    private sealed class Step(RegistryDbContext context, PersonalDataVault vault, MemberChecks checks, long newPerson, CancellationToken cancellation)
    {
        public async Task<Outcome> JoinAsync(HouseholdId household, MemberRegistration member, DateOnly on, string field)
        {
            if (checks.ProblemOf(member) is { } problem)
                return Refused(problem.Problem, $"{field}.{problem.Field}", problem.Reason, problem.NextStep);
            if (!await context.Households.AnyAsync(row => row.Household == household, cancellation))
                return Refused(RegistrationProblem.UnknownHousehold, "household", "There is no such household.", "Register the household first.");
            if (on < member.BornOn)
                return Refused(RegistrationProblem.DateInFuture, "on", "The date is before the person's birth.", "Check the date.");

            _ = checks.TryReadNationalId(member.NationalId, out var id, out _);
            var index = vault.IndexOf(id);
            var identity = await context.Identities.SingleOrDefaultAsync(row => row.NationalIdIndex == index, cancellation);
            if (identity is null)
            {
                identity = new IdentityRow
                {
                    Person = newPerson,
                    NationalIdIndex = index,
                    Sealed = vault.Seal(newPerson, new PersonalData(member.NationalId, member.GivenName.Trim(), member.FamilyName.Trim(), member.BornOn)),
                };
                context.Add(identity);
            }
            else if (identity.DiedOn is not null)
            {
                return Refused(RegistrationProblem.PersonDead, $"{field}.nationalId", "The civil register has this person as dead.", "Check the national id.");
            }
            else if (await context.Members.AnyAsync(row => row.Person == identity.Person && (row.Until == null || row.Until > on), cancellation))
            {
                return Refused(RegistrationProblem.PersonInOtherHousehold, $"{field}.nationalId", "This person is a member of a household on that day or later.", "Record the leaving first.");
            }
            context.Add(new MemberRow { Household = household, Person = identity.Person, Since = on, Role = member.Role });
            return household;
        }

        public async Task<Outcome> DieAsync(CivilEvent.Death death)
        {
            var (identity, refusal) = await FindAsync(death.NationalId, "nationalId");
            if (identity is null)
                return refusal!;
            if (identity.DiedOn is not null)
                return Refused(RegistrationProblem.PersonDead, "nationalId", "This person's death is recorded under another reference.", "Compare both certificates.");
            identity.DiedOn = death.On;
            var memberships = await context.Members.Where(row => row.Person == identity.Person && (row.Until == null || row.Until > death.On)).ToListAsync(cancellation);
            foreach (var membership in memberships)
                End(membership, death.On.AddDays(1));
            return memberships.Count > 0 ? memberships[^1].Household : default;
        }

        public async Task<Outcome> LeaveAsync(CivilEvent.Left left)
        {
            var (identity, refusal) = await FindAsync(left.NationalId, "nationalId");
            if (identity is null)
                return refusal!;
            var membership = await MembershipOnAsync(identity.Person, left.On);
            if (membership is null)
                return NotAMember("nationalId");
            End(membership, left.On);
            return membership.Household;
        }

        public async Task<Outcome> SplitAsync(CivilEvent.Split split, DateTimeOffset now)
        {
            if (split.Into.Value <= 0 || await context.Households.AnyAsync(row => row.Household == split.Into, cancellation))
                return Refused(RegistrationProblem.HouseholdExists, "into", "The new household's number is taken or not positive.", "Send the number of the new register entry.");
            if (!Governorates.Exists(split.Governorate))
                return Refused(RegistrationProblem.UnknownGovernorate, "governorate", $"There is no governorate {split.Governorate}.", "Use the code of one of the country's governorates.");
            if (split.Members.Count is 0 or > MemberChecks.MembersMax || split.Members.Count(member => member.Role == MemberRole.Head) != 1)
                return Refused(RegistrationProblem.NotOneHead, "members", "The new household does not have exactly one head.", "Give one member the role of head.");

            context.Add(new HouseholdRow { Household = split.Into, Governorate = split.Governorate, RegisteredAt = now });
            var programmes = await context.Admissions.Where(row => row.Household == split.From).Select(row => row.Programme).ToListAsync(cancellation);
            context.AddRange(programmes.Select(programme => new AdmissionRow { Household = split.Into, Programme = programme }));
            for (var index = 0; index < split.Members.Count; index++)
            {
                var (identity, refusal) = await FindAsync(split.Members[index].NationalId, $"members[{index}].nationalId");
                if (identity is null)
                    return refusal!;
                var membership = await MembershipOnAsync(identity.Person, split.On);
                if (membership is null || membership.Household != split.From)
                    return NotAMember($"members[{index}].nationalId");
                if (context.Members.Local.Any(row => row.Person == identity.Person && row.Household == split.Into))
                    return Refused(RegistrationProblem.PersonTwice, $"members[{index}].nationalId", "This person is named twice.", "Remove the duplicate.");
                End(membership, split.On);
                context.Add(new MemberRow { Household = split.Into, Person = identity.Person, Since = split.On, Role = split.Members[index].Role });
            }
            return split.Into;
        }

        private async Task<(IdentityRow? Identity, CivilEventOutcome.Refused? Refusal)> FindAsync(string nationalId, string field)
        {
            if (!checks.TryReadNationalId(nationalId, out var id, out var problem))
                return (null, Refused(problem!.Problem, field, problem.Reason, problem.NextStep));
            var index = vault.IndexOf(id);
            var identity = await context.Identities.SingleOrDefaultAsync(row => row.NationalIdIndex == index, cancellation);
            return identity is null
                ? (null, Refused(RegistrationProblem.UnknownPerson, field, "This person is not registered.", "Check the national id."))
                : (identity, null);
        }

        private Task<MemberRow?> MembershipOnAsync(long person, DateOnly on) =>
            context.Members.Where(row => row.Person == person && row.Since <= on && (row.Until == null || row.Until > on)).SingleOrDefaultAsync(cancellation);

        /// <summary>A membership that would end before it began was none: it ends as it begins.</summary>
        private static void End(MemberRow membership, DateOnly until) => membership.Until = until < membership.Since ? membership.Since : until;

        private static CivilEventOutcome.Refused NotAMember(string field) =>
            Refused(RegistrationProblem.NotAMember, field, "This person was in no such household on that day.", "Check the date and the household.");

        private static CivilEventOutcome.Refused Refused(RegistrationProblem problem, string field, string reason, string nextStep) => new(problem, field, reason, nextStep);
    }
}
