using System.Diagnostics;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Registry;

/// <summary>
/// Cases: a household as registered; once only; good ones beside refused ones; every field that rules need; people twice, in two
/// households, within one import and across two; a thousand at once.
/// </summary>
public abstract class Registration(TestDatabase fixture) : RegistryContract(fixture)
{
    [Fact]
    public async Task Gives_a_household_its_shape()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        var shape = await Registry.FindHouseholdAsync(household.Household, Today, CancellationToken.None);

        Assert.NotNull(shape);
        Assert.Equal(3, shape.Members);
        Assert.Equal([1, 2, 3], shape.Programmes);
        Assert.Equal(1, shape.Governorate);
    }

    [Fact]
    public async Task Answers_for_many_households_and_leaves_out_the_unknown()
    {
        var (one, other) = (await RegisteredAsync(CoupleWithChild()), await RegisteredAsync(Family(Person(MemberRole.Head, new DateOnly(1970, 1, 1)))));

        var shapes = await Registry.FindHouseholdsAsync([one.Household, other.Household, new HouseholdId(77)], Today, CancellationToken.None);

        Assert.Equal(2, shapes.Count);
        Assert.Equal(3, shapes[one.Household].Members);
        Assert.Equal(1, shapes[other.Household].Members);
        Assert.Empty(await Registry.FindHouseholdsAsync([], Today, CancellationToken.None));
    }

    [Fact]
    public async Task Of_the_same_household_again_changes_nothing()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        var outcome = await Registry.RegisterAsync([household, household], CancellationToken.None);

        Assert.Equal((0, 2), (outcome.Added, outcome.AlreadyKnown));
        Assert.Equal(3, await MembersAsync(household.Household, Today));
    }

    [Fact]
    public async Task Adds_the_good_households_beside_the_refused()
    {
        var (good, bad) = (CoupleWithChild(), CoupleWithChild() with { Governorate = 99 });

        var outcome = await Registry.RegisterAsync([bad, good], CancellationToken.None);

        Assert.Equal(1, outcome.Added);
        var refusal = Assert.Single(outcome.Refusals);
        Assert.Equal((bad.Household, RegistrationProblem.UnknownGovernorate, "governorate"), (refusal.Household, refusal.Problem, refusal.Field));
        Assert.Equal(-1, await MembersAsync(bad.Household, Today));
        Assert.Equal(3, await MembersAsync(good.Household, Today));
    }

    [Fact]
    public async Task Refuses_a_household_that_rules_cannot_be_applied_to()
    {
        var good = CoupleWithChild();
        var born = new DateOnly(1990, 2, 3);
        var head = Person(MemberRole.Head, born);

        Assert.Equal("household", await RefusedFieldAsync(good with { Household = new HouseholdId(0) }));
        Assert.Equal("programmes", await RefusedFieldAsync(good with { Programmes = [] }));
        Assert.Equal("members", await RefusedFieldAsync(good with { Members = [] }));
        Assert.Equal("members", await RefusedFieldAsync(good with { Members = [.. good.Members.Skip(1)] }));
        Assert.Equal("members[0].givenName", await RefusedFieldAsync(Family(head with { GivenName = " " })));
        Assert.Equal("members[0].familyName", await RefusedFieldAsync(Family(head with { FamilyName = "" })));
        Assert.Equal("members[0].nationalId", await RefusedFieldAsync(Family(head with { NationalId = "12345" })));
        Assert.Equal("members[0].bornOn", await RefusedFieldAsync(Family(head with { BornOn = born.AddDays(1) })));
        Assert.Equal("members[0].bornOn", await RefusedFieldAsync(Family(Person(MemberRole.Head, Today.AddDays(1)))));
        Assert.Equal("members", await RefusedFieldAsync(Family(head, head with { Role = MemberRole.Child })));
    }

    [Fact]
    public async Task Never_repeats_a_national_id_or_a_name_in_a_refusal()
    {
        var head = Person(MemberRole.Head, new DateOnly(1990, 2, 3)) with { BornOn = new DateOnly(1990, 2, 4) };

        var outcome = await Registry.RegisterAsync([Family(head)], CancellationToken.None);

        Assert.DoesNotContain(head.NationalId, outcome.Refusals[0].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(head.GivenName, outcome.Refusals[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_somebody_who_is_in_another_household_already()
    {
        var first = await RegisteredAsync(CoupleWithChild());
        var second = Family(Person(MemberRole.Head, new DateOnly(1991, 1, 1)), first.Members[2]);

        var refusal = await RefusalAsync(second);

        Assert.Equal((RegistrationProblem.PersonInOtherHousehold, "members[1].nationalId"), (refusal.Problem, refusal.Field));
    }

    [Fact]
    public async Task Refuses_the_second_of_two_households_of_one_import_that_share_somebody()
    {
        var first = CoupleWithChild();
        var second = Family(Person(MemberRole.Head, new DateOnly(1991, 1, 1)), first.Members[2]);

        var outcome = await Registry.RegisterAsync([first, second], CancellationToken.None);

        Assert.Equal(1, outcome.Added);
        Assert.Equal(second.Household, Assert.Single(outcome.Refusals).Household);
    }

    [Fact]
    public async Task Of_two_imports_at_once_lets_one_have_somebody_they_share()
    {
        var shared = Person(MemberRole.Head, new DateOnly(1985, 6, 7));
        var (one, other) = (Family(shared), Family(shared));

        var outcomes = await Task.WhenAll(
            Registry.RegisterAsync([one], CancellationToken.None),
            Registry.RegisterAsync([other], CancellationToken.None));

        Assert.Equal(1, outcomes.Sum(outcome => outcome.Added));
        Assert.Equal(RegistrationProblem.PersonInOtherHousehold, outcomes.SelectMany(outcome => outcome.Refusals).Single().Problem);
    }

    [Fact]
    public async Task Of_a_thousand_households_takes_seconds()
    {
        var born = new DateOnly(1975, 4, 5);
        var families = Enumerable.Range(0, 1_000)
            .Select(number => Family(
                Person(MemberRole.Head, born.AddDays(number)), Person(MemberRole.Spouse, born.AddDays(number + 1)),
                Person(MemberRole.Child, born.AddYears(30).AddDays(number)), Person(MemberRole.Child, born.AddYears(32).AddDays(number))))
            .ToList();

        var watch = Stopwatch.StartNew();
        var outcome = await Registry.RegisterAsync(families, CancellationToken.None);

        Assert.Equal(1_000, outcome.Added);
        // Far less on a machine with nothing else to do; a statement a row would take longer than this.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        var shapes = await Registry.FindHouseholdsAsync([.. families.Select(family => family.Household)], Today, CancellationToken.None);
        Assert.All(shapes.Values, shape => Assert.Equal(4, shape.Members));
    }

    private async Task<RegistrationRefusal> RefusalAsync(HouseholdRegistration household)
    {
        var outcome = await Registry.RegisterAsync([household], CancellationToken.None);
        Assert.Equal(0, outcome.Added);
        return Assert.Single(outcome.Refusals);
    }

    private async Task<string> RefusedFieldAsync(HouseholdRegistration household) => (await RefusalAsync(household)).Field;
}

public sealed class Registration_on_sqlite(SqliteTestDatabase database) : Registration(database), IClassFixture<SqliteTestDatabase>;

public sealed class Registration_on_postgres(PostgresTestDatabase database) : Registration(database), IClassFixture<PostgresTestDatabase>;
