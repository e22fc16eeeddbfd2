using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Registry;

/// <summary>
/// Cases: birth, death, joining, leaving, split, each with the days before and after; late reports; the same certificate twice;
/// events that contradict what is known.
/// </summary>
public abstract class Civil_events(TestDatabase fixture) : RegistryContract(fixture)
{
    private static int _reference;

    [Fact]
    public async Task A_child_counts_from_its_birth_date_even_when_reported_later()
    {
        var household = await RegisteredAsync(CoupleWithChild());
        var born = Today.AddDays(-10);

        Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(new CivilEvent.Birth(Reference(), household.Household, Person(MemberRole.Child, born))));

        Assert.Equal(3, await MembersAsync(household.Household, born.AddDays(-1)));
        Assert.Equal(4, await MembersAsync(household.Household, born));
    }

    [Fact]
    public async Task The_dead_count_on_the_day_of_death_and_not_after()
    {
        var household = await RegisteredAsync(CoupleWithChild());
        var died = Today.AddDays(-5);

        Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(new CivilEvent.Death(Reference(), household.Members[1].NationalId, died)));

        Assert.Equal(3, await MembersAsync(household.Household, died));
        Assert.Equal(2, await MembersAsync(household.Household, died.AddDays(1)));
    }

    [Fact]
    public async Task Who_moves_is_never_in_two_households_on_one_day()
    {
        var (from, to) = (await RegisteredAsync(CoupleWithChild()), await RegisteredAsync(CoupleWithChild()));
        var moved = Today.AddDays(-3);

        Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(new CivilEvent.Left(Reference(), from.Members[2].NationalId, moved)));
        Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(new CivilEvent.Joined(Reference(), to.Household, from.Members[2], moved)));

        foreach (var date in new[] { moved.AddDays(-1), moved, Today })
            Assert.Equal(6, await MembersAsync(from.Household, date) + await MembersAsync(to.Household, date));
        Assert.Equal(4, await MembersAsync(to.Household, moved));
    }

    [Fact]
    public async Task Who_marries_leaves_with_a_household_of_their_own_and_its_programmes()
    {
        var parents = await RegisteredAsync(CoupleWithChild() with { Programmes = [1, 2] });
        var (married, into) = (Today.AddDays(-1), NextHousehold());

        Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(new CivilEvent.Split(
            Reference(), parents.Household, into, 21, [new SplitMember(parents.Members[2].NationalId, MemberRole.Head)], married)));

        Assert.Equal(2, await MembersAsync(parents.Household, married));
        Assert.Equal(3, await MembersAsync(parents.Household, married.AddDays(-1)));
        var shape = await Registry.FindHouseholdAsync(into, Today, CancellationToken.None);
        Assert.NotNull(shape);
        Assert.Equal((1, 21), (shape.Members, shape.Governorate));
        Assert.Equal([1, 2], shape.Programmes);
        Assert.Equal(0, await MembersAsync(into, married.AddDays(-1)));
    }

    [Fact]
    public async Task The_same_certificate_again_changes_nothing()
    {
        var household = await RegisteredAsync(CoupleWithChild());
        var birth = new CivilEvent.Birth(Reference(), household.Household, Person(MemberRole.Child, Today));
        await RecordAsync(birth);

        Assert.IsType<CivilEventOutcome.AlreadyRecorded>(await RecordAsync(birth));

        Assert.Equal(4, await MembersAsync(household.Household, Today));
    }

    [Fact]
    public async Task What_contradicts_the_register_is_refused_and_changes_nothing()
    {
        var household = await RegisteredAsync(CoupleWithChild());
        var stranger = NationalIdOf(new DateOnly(1960, 1, 1));
        var dead = household.Members[1];
        await RecordAsync(new CivilEvent.Death(Reference(), dead.NationalId, Today.AddDays(-1)));

        Assert.Equal(RegistrationProblem.UnknownPerson, await RefusedAsync(new CivilEvent.Death(Reference(), stranger, Today)));
        Assert.Equal(RegistrationProblem.UnknownPerson, await RefusedAsync(new CivilEvent.Left(Reference(), stranger, Today)));
        Assert.Equal(RegistrationProblem.NationalIdMalformed, await RefusedAsync(new CivilEvent.Left(Reference(), "123", Today)));
        Assert.Equal(RegistrationProblem.PersonDead, await RefusedAsync(new CivilEvent.Death(Reference(), dead.NationalId, Today)));
        Assert.Equal(RegistrationProblem.PersonDead, await RefusedAsync(new CivilEvent.Joined(Reference(), household.Household, dead, Today)));
        Assert.Equal(RegistrationProblem.NotAMember, await RefusedAsync(new CivilEvent.Left(Reference(), dead.NationalId, Today)));
        Assert.Equal(RegistrationProblem.PersonInOtherHousehold, await RefusedAsync(new CivilEvent.Joined(Reference(), household.Household, household.Members[0], Today)));
        Assert.Equal(RegistrationProblem.UnknownHousehold, await RefusedAsync(new CivilEvent.Birth(Reference(), new HouseholdId(77), Person(MemberRole.Child, Today))));
        Assert.Equal(RegistrationProblem.DateInFuture, await RefusedAsync(new CivilEvent.Left(Reference(), household.Members[0].NationalId, Today.AddDays(1))));
        Assert.Equal(RegistrationProblem.HouseholdExists, await RefusedAsync(new CivilEvent.Split(
            Reference(), household.Household, household.Household, 1, [new SplitMember(household.Members[2].NationalId, MemberRole.Head)], Today)));
        Assert.Equal(RegistrationProblem.NotAMember, await RefusedAsync(new CivilEvent.Split(
            Reference(), new HouseholdId(77), NextHousehold(), 1, [new SplitMember(household.Members[2].NationalId, MemberRole.Head)], Today)));
        Assert.Equal(RegistrationProblem.ReferenceMissing, await RefusedAsync(new CivilEvent.Left("", stranger, Today)));

        Assert.Equal(2, await MembersAsync(household.Household, Today));
    }

    [Fact]
    public async Task Events_of_one_household_at_once_all_count()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RecordAsync(new CivilEvent.Birth(Reference(), household.Household, Person(MemberRole.Child, Today)))));

        Assert.Equal(11, await MembersAsync(household.Household, Today));
    }

    private static string Reference() => $"test-{Interlocked.Increment(ref _reference)}";

    private async Task<RegistrationProblem> RefusedAsync(CivilEvent civilEvent) =>
        Assert.IsType<CivilEventOutcome.Refused>(await RecordAsync(civilEvent)).Problem;
}

public sealed class Civil_events_on_sqlite(SqliteTestDatabase database) : Civil_events(database), IClassFixture<SqliteTestDatabase>;

public sealed class Civil_events_on_postgres(PostgresTestDatabase database) : Civil_events(database), IClassFixture<PostgresTestDatabase>;
