using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Identities;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Registration;

/// <summary>
/// Bulk registration: a transaction for each thousand households, a few statements in each. Good households are added although
/// others are refused. A person who is new is a member from birth, so that shapes on past dates are right as well.
/// </summary>
internal sealed class HouseholdRegistrar(IDbConnectionFactory database, PersonalDataVault vault, MemberChecks checks, HouseholdShapes shapes, TimeProvider time)
{
    private const int HouseholdsPerTransaction = 1_000;

    public async Task<RegistrationOutcome> RegisterAsync(IReadOnlyCollection<HouseholdRegistration> households, CancellationToken cancellation)
    {
        var refusals = new List<RegistrationRefusal>();
        var accepted = new List<HouseholdRegistration>(households.Count);
        foreach (var household in households)
        {
            if (checks.RefusalOf(household) is { } refusal)
                refusals.Add(refusal);
            else
                accepted.Add(household);
        }

        var (added, known) = (0, 0);
        foreach (var chunk in accepted.Chunk(HouseholdsPerTransaction))
        {
            await using var write = await database.BeginWriteAsync(cancellation);
            var registration = new Chunk(database, vault, shapes, write, checks.Today, refusals);
            var result = await registration.AddAsync(chunk, time.GetUtcNow(), cancellation);
            await write.CommitAsync(cancellation);
            added += result.Added;
            known += result.Known;
        }
        return new RegistrationOutcome(added, known, refusals);
    }

    private sealed class Chunk(
        IDbConnectionFactory database, PersonalDataVault vault, HouseholdShapes shapes, WriteTransaction write, DateOnly today, List<RegistrationRefusal> refusals)
    {
        private readonly PeopleIndex _people = new(database, write);

        public async Task<(int Added, int Known)> AddAsync(HouseholdRegistration[] chunk, DateTimeOffset now, CancellationToken cancellation)
        {
            // The counter's lock comes first: from here on no other registration or civil event adds people.
            var nextPerson = await database.TakeAsync(write, RegistryDbContext.SchemaName, RegistryDbContext.PeopleCounter, chunk.Sum(household => household.Members.Count), cancellation);
            var seen = await KnownHouseholdsAsync(chunk, cancellation);
            var fresh = chunk.Where(household => seen.Add(household.Household)).ToList();

            var indexes = fresh.SelectMany(household => household.Members).Select(IndexOf).ToList();
            var people = await _people.FindAsync(indexes, today, cancellation);
            var rows = new Rows();
            var added = 0;
            foreach (var household in fresh)
            {
                if (RefusalOf(household, people) is { } refusal)
                {
                    refusals.Add(refusal);
                    continue;
                }
                added++;
                rows.Add(household, now);
                foreach (var member in household.Members)
                    AddMember(rows, household.Household, member, people, ref nextPerson);
            }
            await rows.InsertAsync(database, write, cancellation);
            await shapes.RefreshAsync(write, [.. fresh.Select(household => household.Household)], cancellation);
            return (added, chunk.Length - fresh.Count);
        }

        private byte[] IndexOf(MemberRegistration member) =>
            NationalId.TryParse(member.NationalId, checkDigitCounts: false, out var id, out _) ? vault.IndexOf(id) : throw new InvalidOperationException("Members are checked first.");

        private async Task<HashSet<HouseholdId>> KnownHouseholdsAsync(HouseholdRegistration[] chunk, CancellationToken cancellation)
        {
            var known = new HashSet<HouseholdId>();
            await using var command = write.Connection.CreateCommand();
            command.Transaction = write.Transaction;
            command.CommandText = $"SELECT household FROM {database.Table(RegistryDbContext.SchemaName, "households")} WHERE {database.In("household", "ids")}";
            database.AddList(command, "ids", chunk.Select(household => household.Household.Value).ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                known.Add(new HouseholdId(reader.GetInt64(0)));
            return known;
        }

        private RegistrationRefusal? RefusalOf(HouseholdRegistration household, Dictionary<PersonKey, KnownPerson> people)
        {
            for (var index = 0; index < household.Members.Count; index++)
            {
                if (!people.TryGetValue(new PersonKey(IndexOf(household.Members[index])), out var person))
                    continue;
                var field = $"members[{index}].nationalId";
                if (person.DiedOn is not null)
                    return new(household.Household, RegistrationProblem.PersonDead, field, "The civil register has this person as dead.", "Check the national id; correct the death if it was recorded by mistake.");
                if (person.Household is not null)
                    return new(household.Household, RegistrationProblem.PersonInOtherHousehold, field, "This person is a member of another household.", "Record the leaving or the split first.");
            }
            return null;
        }

        private void AddMember(Rows rows, HouseholdId household, MemberRegistration member, Dictionary<PersonKey, KnownPerson> people, ref long nextPerson)
        {
            var index = IndexOf(member);
            var since = member.BornOn;
            long person;
            if (people.TryGetValue(new PersonKey(index), out var known))
            {
                (person, since) = (known.Person, today);
            }
            else
            {
                person = nextPerson++;
                rows.Add(person, index, vault.Seal(person, new PersonalData(member.NationalId, member.GivenName.Trim(), member.FamilyName.Trim(), member.BornOn)));
            }
            // Two households of one import must not both have somebody.
            people[new PersonKey(index)] = new KnownPerson(person, household, DiedOn: null);
            rows.Add(household, person, since, member.Role);
        }
    }

    private sealed class Rows
    {
        private readonly List<HouseholdRegistration> _households = [];
        private readonly List<(long Person, byte[] Index, byte[] Sealed)> _identities = [];
        private readonly List<(HouseholdId Household, long Person, DateOnly Since, MemberRole Role)> _members = [];
        private DateTimeOffset _now;

        public void Add(HouseholdRegistration household, DateTimeOffset now)
        {
            _households.Add(household);
            _now = now;
        }

        public void Add(long person, byte[] index, byte[] sealedRow) => _identities.Add((person, index, sealedRow));

        public void Add(HouseholdId household, long person, DateOnly since, MemberRole role) => _members.Add((household, person, since, role));

        public async Task InsertAsync(IDbConnectionFactory database, WriteTransaction write, CancellationToken cancellation)
        {
            var admissions = _households.SelectMany(household => household.Programmes, (household, programme) => (household.Household, programme)).ToList();
            await database.InsertAsync(
                write, RegistryDbContext.SchemaName, "households", cancellation,
                ("household", _households.Select(household => household.Household.Value).ToArray()),
                ("governorate", _households.Select(household => household.Governorate).ToArray()),
                ("registered_at", _households.Select(_ => _now.ToUnixTimeMilliseconds()).ToArray()));
            await database.InsertAsync(
                write, RegistryDbContext.SchemaName, "admissions", cancellation,
                ("household", admissions.Select(admission => admission.Household.Value).ToArray()),
                ("programme", admissions.Select(admission => (int)admission.programme).ToArray()));
            await database.InsertAsync(
                write, RegistryDbContext.SchemaName, "identities", cancellation,
                ("person", _identities.Select(identity => identity.Person).ToArray()),
                ("national_id_index", _identities.Select(identity => identity.Index).ToArray()),
                ("sealed", _identities.Select(identity => identity.Sealed).ToArray()));
            await database.InsertAsync(
                write, RegistryDbContext.SchemaName, "members", cancellation,
                ("household", _members.Select(member => member.Household.Value).ToArray()),
                ("person", _members.Select(member => member.Person).ToArray()),
                ("since", _members.Select(member => member.Since).ToArray()),
                ("role", _members.Select(member => (int)member.Role).ToArray()));
        }
    }
}
