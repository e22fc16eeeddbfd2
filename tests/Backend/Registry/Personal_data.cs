using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Identities;
using SmartCard.Backend.Registry.Tables;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Registry;

public abstract class Personal_data(TestDatabase fixture) : RegistryContract(fixture)
{
    [Fact]
    public async Task Leaves_as_a_given_name_and_initials()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        Assert.Equal("أمينة ع. م.", await Registry.FindDisplayNameAsync(household.Household, "T0000042", CancellationToken.None));
    }

    [Fact]
    public async Task Is_not_there_for_an_unknown_household() =>
        Assert.Null(await Registry.FindDisplayNameAsync(new(77), "T0000042", CancellationToken.None));

    [Fact]
    public async Task Names_the_next_member_when_the_head_has_died()
    {
        var household = await RegisteredAsync(CoupleWithChild());
        await RecordAsync(new CivilEvent.Death($"death-{household.Household}", household.Members[0].NationalId, Today.AddDays(-1)));

        Assert.Equal("حسن ع.", await Registry.FindDisplayNameAsync(household.Household, "T0000042", CancellationToken.None));
    }

    [Fact]
    public async Task Is_never_told_without_a_record_of_who_asked()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        await Registry.FindDisplayNameAsync(household.Household, "T0000042", CancellationToken.None);
        var found = await Registry.FindHouseholdOfAsync(household.Members[1].NationalId, "clerk.mona", CancellationToken.None);

        Assert.Equal(household.Household, found);
        await using var context = new RegistryDbContext(Database);
        var lookUps = await context.LookUps.Where(row => row.Household == household.Household).OrderBy(row => row.LookUpId).ToListAsync();
        Assert.Equal(["display name by T0000042", "household of a national id by clerk.mona"], lookUps.Select(row => $"{row.Purpose} by {row.Caller}"));
        Assert.All(lookUps, row => Assert.Equal(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero), row.At));
    }

    [Fact]
    public async Task Of_a_number_that_nobody_has_is_asked_for_on_record_too()
    {
        var before = await LookUpsOfNobodyAsync();

        Assert.Null(await Registry.FindHouseholdOfAsync(NationalIdOf(new DateOnly(1950, 1, 1)), "clerk.mona", CancellationToken.None));

        Assert.Equal(before + 1, await LookUpsOfNobodyAsync());
    }

    [Fact]
    public async Task Is_nowhere_in_clear_in_the_tables()
    {
        var household = await RegisteredAsync(CoupleWithChild());

        await using var context = new RegistryDbContext(Database);
        var identities = await context.Members.Where(row => row.Household == household.Household)
            .Join(context.Identities, row => row.Person, row => row.Person, (_, identity) => identity)
            .ToListAsync();

        Assert.Equal(3, identities.Count);
        foreach (var (identity, member) in identities.SelectMany(identity => household.Members, (identity, member) => (identity, member)))
        {
            foreach (var clear in new[] { member.NationalId, member.GivenName, member.FamilyName, member.BornOn.ToString("yyyy-MM-dd") })
                Assert.Equal(-1, identity.Sealed.AsSpan().IndexOf(Encoding.UTF8.GetBytes(clear)));
            Assert.Equal(16, identity.NationalIdIndex.Length);
        }
    }

    private async Task<int> LookUpsOfNobodyAsync()
    {
        await using var context = new RegistryDbContext(Database);
        return await context.LookUps.CountAsync(row => row.Household == new Backend.Platform.HouseholdId(0));
    }
}

public sealed class Personal_data_on_sqlite(SqliteTestDatabase database) : Personal_data(database), IClassFixture<SqliteTestDatabase>;

public sealed class Personal_data_on_postgres(PostgresTestDatabase database) : Personal_data(database), IClassFixture<PostgresTestDatabase>;

public sealed class Sealed_rows_of_personal_data : IDisposable
{
    private static readonly PersonalData Amina = new("28005010100019", "أمينة", "عبد الله", new DateOnly(1980, 5, 1));

    private readonly PersonalDataVault _vault = new(new MemorySecretStore());

    public void Dispose() => _vault.Dispose();

    [Fact]
    public void Open_for_their_own_person()
    {
        var row = _vault.Seal(1, Amina);

        Assert.Equal(Amina, _vault.Open(1, row));
        Assert.NotEqual(row, _vault.Seal(1, Amina));
    }

    [Fact]
    public void Do_not_open_in_another_persons_place() =>
        Assert.ThrowsAny<CryptographicException>(() => _vault.Open(2, _vault.Seal(1, Amina)));

    [Fact]
    public void Do_not_open_when_any_byte_was_changed()
    {
        var row = _vault.Seal(1, Amina);
        for (var index = 0; index < row.Length; index++)
        {
            row[index] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => _vault.Open(1, row));
            row[index] ^= 1;
        }
    }

    [Fact]
    public void Are_found_by_an_index_that_another_key_does_not_give()
    {
        Assert.True(NationalId.TryParse(Valid(), out var id, out _));

        using var other = new PersonalDataVault(new MemorySecretStore());

        Assert.Equal(_vault.IndexOf(id), _vault.IndexOf(id));
        Assert.NotEqual(_vault.IndexOf(id), other.IndexOf(id));
    }

    private static string Valid() => "2800501010001" + NationalIdCheckDigit.Of("2800501010001");
}
