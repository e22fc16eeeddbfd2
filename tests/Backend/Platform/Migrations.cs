using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>
/// Migrations are written by hand. Every module's are run on an empty database, its model is created on another, and both
/// databases are asked what they have: the answers have to be the same, line by line. A new module is found by itself.
/// </summary>
public abstract partial class Migrations(TestDatabase migrated)
{
    public static TheoryData<string> Modules
    {
        get
        {
            var names = Directory.GetFiles(AppContext.BaseDirectory, "SmartCard.Backend*.dll")
                .Select(Assembly.LoadFrom)
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => type.IsSubclassOf(typeof(ModuleDbContext)) && type != typeof(ForgetfulDbContext))
                .Select(type => type.AssemblyQualifiedName!);
            return [.. names];
        }
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public async Task Yield_the_model_of_each_module(string contextType)
    {
        var differences = await DifferencesAsync(Type.GetType(contextType, throwOnError: true)!);

        Assert.Empty(differences);
    }

    [Fact]
    public async Task That_forget_something_are_found_out()
    {
        var differences = await DifferencesAsync(typeof(ForgetfulDbContext));

        Assert.Contains(differences, line => line.StartsWith("only in the model", StringComparison.Ordinal) && line.Contains(" column number ", StringComparison.Ordinal));
        Assert.Contains(differences, line => line.StartsWith("only in the migrations", StringComparison.Ordinal) && line.Contains(" column name ", StringComparison.Ordinal));
        Assert.Contains(differences, line => line.Contains("ix_forgetful_parts_name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_again_change_nothing()
    {
        await migrated.MigrateAsync(database => new SampleDbContext(database));
        var before = await CatalogueReader.ReadAsync(migrated.Database);

        await migrated.MigrateAsync(database => new SampleDbContext(database));

        Assert.Equal(before, await CatalogueReader.ReadAsync(migrated.Database));
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^(trigger|\S+ trigger) ", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial System.Text.RegularExpressions.Regex Trigger();

    private async Task<IReadOnlyList<string>> DifferencesAsync(Type contextType)
    {
        ModuleDbContext Open(ModuleDatabase database) => (ModuleDbContext)Activator.CreateInstance(contextType, database)!;

        var byMigrations = migrated.Another();
        var byModel = migrated.Another();
        try
        {
            await byMigrations.InitializeAsync();
            await byMigrations.MigrateAsync(Open);
            await byModel.InitializeAsync();
            await using (var context = Open(byModel.Database))
                await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync();

            var actual = await CatalogueReader.ReadAsync(byMigrations.Database);
            var expected = await CatalogueReader.ReadAsync(byModel.Database);
            Assert.NotEmpty(expected);
            return
            [
                .. expected.Except(actual).Select(line => "only in the model: " + line),
                // A model has no triggers: what they guard is proven where the tables are used.
                .. actual.Except(expected).Where(line => !Trigger().IsMatch(line)).Select(line => "only in the migrations: " + line),
            ];
        }
        finally
        {
            await byMigrations.DisposeAsync();
            await byModel.DisposeAsync();
        }
    }
}

public sealed class Migrations_on_sqlite(SqliteTestDatabase database) : Migrations(database), IClassFixture<SqliteTestDatabase>;

public sealed class Migrations_on_postgres(PostgresTestDatabase database) : Migrations(database), IClassFixture<PostgresTestDatabase>;
