using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Households;
using SmartCard.Backend.Registry.Tables;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Registry;

/// <summary>
/// A draw reads a household's shape from one document. It must never say anything else than the tables of members and admissions, whatever happened to the household,
/// and whenever it was registered.
/// </summary>
public abstract class Shapes_of_households(TestDatabase fixture) : RegistryContract(fixture)
{
    private static readonly DateOnly Moved = Today.AddDays(-3);

    [Fact]
    public async Task Say_after_every_kind_of_event_what_the_tables_say()
    {
        var (first, second) = (await RegisteredAsync(CoupleWithChild() with { Programmes = [2, 1] }), await RegisteredAsync(CoupleWithChild()));
        var third = NextHousehold();
        CivilEvent[] events =
        [
            new CivilEvent.Birth("shape-1", first.Household, Person(MemberRole.Child, Moved)),
            new CivilEvent.Left("shape-2", first.Members[2].NationalId, Moved),
            new CivilEvent.Joined("shape-3", second.Household, first.Members[2], Moved),
            new CivilEvent.Death("shape-4", second.Members[1].NationalId, Moved),
            new CivilEvent.Split("shape-5", second.Household, third, 21, [new SplitMember(second.Members[0].NationalId, MemberRole.Head)], Moved),
        ];
        foreach (var civilEvent in events)
            Assert.IsType<CivilEventOutcome.Recorded>(await RecordAsync(civilEvent));

        var kept = await DocumentsAsync();

        Assert.Equal(await MadeAnewAsync([first.Household, second.Household, third]), kept);
        Assert.Contains("\"programmes\":[1,2]", kept[first.Household].Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(3, await MembersAsync(first.Household, Today));
        Assert.Equal(2, await MembersAsync(second.Household, Today));
        Assert.Equal(1, await MembersAsync(third, Today));
    }

    [Fact]
    public async Task Are_made_for_who_was_registered_before_they_were_kept()
    {
        var old = Another();
        try
        {
            await old.InitializeAsync();
            await old.MigrateAsync(database => new RegistryDbContext(database));
            await ExecuteAsync(old.Database, $"""
                ALTER TABLE {Table(old.Database, "households")} DROP COLUMN shape;
                DELETE FROM {Table(old.Database, "migrations")} WHERE "MigrationId" LIKE '%AddShapes';
                INSERT INTO {Table(old.Database, "households")} (household, governorate, registered_at) VALUES (7, 21, 0), (8, 1, 0);
                INSERT INTO {Table(old.Database, "admissions")} (household, programme) VALUES (7, 2), (7, 1);
                INSERT INTO {Table(old.Database, "identities")} (person, national_id_index, sealed) VALUES (1, '1', ''), (2, '2', ''), (3, '3', '');
                INSERT INTO {Table(old.Database, "members")} (household, person, since, until, role)
                VALUES (7, 1, '2024-01-01', NULL, 1), (7, 2, '2024-02-29', '2026-11-22', 2), (7, 3, '2026-11-23', NULL, 3);
                """);

            await old.MigrateAsync(database => new RegistryDbContext(database));

            var shapes = new HouseholdShapes(old.Database);
            var found = await shapes.FindAsync([new HouseholdId(7), new HouseholdId(8)], Today, CancellationToken.None);
            Assert.Equal((1, 21), (found[new HouseholdId(7)].Members, found[new HouseholdId(7)].Governorate));
            Assert.Equal([1, 2], found[new HouseholdId(7)].Programmes);
            Assert.Equal(0, found[new HouseholdId(8)].Members);
            Assert.Empty(found[new HouseholdId(8)].Programmes);
            Assert.Equal(2, (await shapes.FindAsync([new HouseholdId(7)], Today.AddDays(-1), CancellationToken.None))[new HouseholdId(7)].Members);
        }
        finally
        {
            await old.DisposeAsync();
        }
    }

    private static string Table(ModuleDatabase database, string table) => database.Table(RegistryDbContext.SchemaName, table);

    private static async Task ExecuteAsync(ModuleDatabase database, string sql)
    {
        await using var write = await database.BeginWriteAsync(CancellationToken.None);
        await using var command = write.Connection.CreateCommand();
        (command.Transaction, command.CommandText) = (write.Transaction, sql);
        await command.ExecuteNonQueryAsync();
        await write.CommitAsync(CancellationToken.None);
    }

    private async Task<Dictionary<HouseholdId, string>> DocumentsAsync()
    {
        await using var context = new RegistryDbContext(Database);
        return await context.Households.ToDictionaryAsync(household => household.Household, household => household.Shape);
    }

    private async Task<Dictionary<HouseholdId, string>> MadeAnewAsync(IReadOnlyCollection<HouseholdId> households)
    {
        await ExecuteAsync(Database, $"UPDATE {Table(Database, "households")} SET shape = '{HouseholdRow.NobodysShape}' WHERE household IN ({string.Join(", ", households.Select(household => household.Value))})");
        await using var write = await Database.BeginWriteAsync(CancellationToken.None);
        await new HouseholdShapes(Database).RefreshAsync(write, households, CancellationToken.None);
        await write.CommitAsync(CancellationToken.None);
        return await DocumentsAsync();
    }
}

public sealed class Shapes_of_households_on_sqlite(SqliteTestDatabase database) : Shapes_of_households(database), IClassFixture<SqliteTestDatabase>;

public sealed class Shapes_of_households_on_postgres(PostgresTestDatabase database) : Shapes_of_households(database), IClassFixture<PostgresTestDatabase>;
