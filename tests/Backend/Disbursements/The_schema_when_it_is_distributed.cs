using System.Text.RegularExpressions;
using Dapper;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>What backend/docs/scale-out.md promises of the schema, read from a migrated PostgreSQL; and the program on tables that are partitioned by bucket.</summary>
public sealed partial class The_schema_when_it_is_distributed(PostgresTestDatabase database) : IClassFixture<PostgresTestDatabase>, IAsyncLifetime
{
    private const int Partitions = 4;

    private static readonly string Script = File.ReadAllText(Path.Combine(RepositoryRoot(), "tools", "scale-out"));

    public Task InitializeAsync() => database.MigrateAsync(open => new DisbursementsDbContext(open));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Has_the_bucket_first_in_the_key_of_every_table_that_has_one()
    {
        var keys = await QueryAsync<(string Table, string FirstOfKey)>("""
            SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE c.relnamespace = 'disbursements'::regnamespace AND i.indisprimary
            """);
        var distributed = await WithBucketAsync();

        Assert.NotEmpty(distributed);
        Assert.All(distributed, table => Assert.Equal("bucket", keys.Single(key => key.Table == table).FirstOfKey));
    }

    [Fact]
    public async Task Has_no_key_and_no_reference_that_would_have_to_look_into_other_buckets()
    {
        Assert.Empty(await QueryAsync<string>("SELECT conname FROM pg_constraint WHERE contype = 'f' AND (connamespace = 'disbursements'::regnamespace)"));
        Assert.Empty(await QueryAsync<string>("""
            SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = 'bucket'
            WHERE c.relnamespace = 'disbursements'::regnamespace AND i.indisunique AND NOT (b.attnum = ANY(i.indkey))
            """));
    }

    [Fact]
    public async Task Is_named_table_by_table_in_the_script_distributed_or_local()
    {
        var tables = await QueryAsync<string>("SELECT tablename::text FROM pg_tables WHERE schemaname = 'disbursements'");
        var distributed = await WithBucketAsync();

        Assert.Equal(distributed.Order(StringComparer.Ordinal), Named(Distributed()).Order(StringComparer.Ordinal));
        Assert.Equal(tables.Except(distributed).Order(StringComparer.Ordinal), Named(Local()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Serves_a_month_from_tables_that_are_partitioned_by_bucket()
    {
        await using var fresh = new PostgresTestDatabase();
        await fresh.InitializeAsync();
        var world = await LedgerWorld.OpenAsync(fresh);
        foreach (var view in await ViewsAsync(fresh.Database))
            await world.ExecuteAsync($"DROP VIEW disbursements.{view}");
        foreach (var table in Named(Distributed()))
            await PartitionAsync(world, table);
        foreach (var view in LedgerViews.Statements(name => $"disbursements.{name}", isSqlite: false))
            await world.ExecuteAsync(view);
        var cards = Enumerable.Range(0, 40).Select(_ => world.Household(members: 3)).ToArray();

        await Task.WhenAll(cards.Select(card => AMonthOfAsync(world, card)));
        world.GoTo(new DateOnly(2026, 12, 8));
        Assert.Equal(cards.Length, await world.ExpireAllowancesAsync());
        Assert.Equal(cards.Length, await world.RollOverAsync());

        var used = await QueryAsync<string>("SELECT DISTINCT tableoid::regclass::text FROM disbursements.households", fresh.Database);
        Assert.Equal(Partitions, used.Count);
        Assert.Equal(cards.Length, await world.CountAsync("refunds"));
        await world.DisposeAsync(); // audits
    }

    private static async Task AMonthOfAsync(LedgerWorld world, TestCard card)
    {
        var signed = card.Draw(world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15)));
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, [Tapping.Loaves(15)])).Approved();
        Assert.IsType<Refund.Recorded>(await world.Ledger.RefundAsync(
            new RefundRequest(LedgerWorld.Bakery, signed, new Guid((int)card.Household.Value, 3, 3, new byte[8]), [Tapping.Loaves(5)]), CancellationToken.None));
        (await world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        var doubtful = card.Draw(world.Drawing(LedgerWorld.Grocer, Tapping.OfRice(1)));
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Grocer, doubtful, [Tapping.OfRice(1)])).Approved();
        Assert.Equal(ReversalResult.Undone, await world.ReverseAsync(LedgerWorld.Grocer, doubtful));
        Assert.Equal(20, (await world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    /// <summary>The same columns, keys and checks, split into ranges of buckets.</summary>
    private static async Task PartitionAsync(LedgerWorld world, string table)
    {
        var name = $"disbursements.{table}";
        await world.ExecuteAsync($"ALTER TABLE {name} RENAME TO {table}_whole");
        await world.ExecuteAsync($"CREATE TABLE {name} (LIKE {name}_whole INCLUDING ALL) PARTITION BY RANGE (bucket)");
        for (var part = 0; part < Partitions; part++)
        {
            const int Width = HouseholdId.Buckets / Partitions;
            await world.ExecuteAsync($"CREATE TABLE {name}_{part} PARTITION OF {name} FOR VALUES FROM ({part * Width}) TO ({(part + 1) * Width})");
        }
    }

    private Task<List<string>> ViewsAsync(IDbConnectionFactory of) => QueryAsync<string>("SELECT viewname::text FROM pg_views WHERE schemaname = 'disbursements'", of);

    private Task<List<string>> WithBucketAsync() => QueryAsync<string>("""
        SELECT table_name::text FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
        WHERE table_schema = 'disbursements' AND column_name = 'bucket' AND t.table_type = 'BASE TABLE'
        """);

    private async Task<List<T>> QueryAsync<T>(string sql, IDbConnectionFactory? of = null)
    {
        await using var connection = await (of ?? database.Database).OpenAsync(CancellationToken.None);
        return (await connection.QueryAsync<T>(sql)).AsList();
    }

    private static IEnumerable<string> Named(Regex call) => call.Matches(Script).Select(match => match.Groups["table"].Value);

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SmartCard.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of a checkout.");
        return folder;
    }

    [GeneratedRegex(@"create_distributed_table\('disbursements\.(?<table>\w+)', 'bucket',", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Distributed();

    [GeneratedRegex(@"citus_add_local_table_to_metadata\('disbursements\.(?<table>\w+)'\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Local();
}
