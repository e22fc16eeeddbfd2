using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Npgsql;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Reconciliation.Tables;
using SmartCard.Backend.Tests.Disbursements;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.LedgerCheck.Tests.Support;

/// <summary>A ledger that the backend's own code wrote, with a row of every kind, at rest. Tests take copies and spoil them.</summary>
public abstract class WrittenLedger(TestDatabase database) : IAsyncLifetime
{
    protected DatabaseOptions Options => database.Options;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        await database.MigrateAsync(open => new ReconciliationDbContext(open));
        await using (var world = await LedgerWorld.OpenAsync(database))
        {
            await WriteAsync(world);
            await world.ExecuteAsync(TableNames.In("""
                INSERT INTO [reconciliation.runs] (business_date, ran_at, actor, recorded, claimed, matched, late, missing_at_merchant, missing_at_ministry, amount_differs, duplicate,
                    recorded_subsidy_minor, recorded_citizen_paid_minor, claimed_citizen_paid_minor)
                SELECT '2026-11-22', 1800000000000, 'test', count(*), count(*), count(*), 0, 0, 0, 0, 0, sum(subsidy_minor), sum(citizen_pays_minor), sum(citizen_pays_minor)
                FROM [disbursement_lines] AS l WHERE drawn_on = 20261122 AND NOT EXISTS (SELECT 1 FROM [reversals] AS r WHERE r.bucket = l.bucket AND r.card = l.card AND r.atc = l.atc)
                """, database.Database.Provider));
            await world.ExecuteAsync(TableNames.In(
                "INSERT INTO [reconciliation.dates] (business_date, run_id) SELECT business_date, run_id FROM [reconciliation.runs]", database.Database.Provider));
            await world.ExecuteAsync(TableNames.In("""
                INSERT INTO [reconciliation.terminal_totals] (run_id, merchant_id, terminal_id, recorded, claimed, matched, late, missing_at_merchant, missing_at_ministry,
                    amount_differs, duplicate, recorded_subsidy_minor, recorded_citizen_paid_minor, claimed_citizen_paid_minor)
                SELECT run_id, 501, 'BAKERY01', recorded, claimed, matched, 0, 0, 0, 0, 0, recorded_subsidy_minor, recorded_citizen_paid_minor, claimed_citizen_paid_minor
                FROM [reconciliation.runs]
                """, database.Database.Provider));
        }
        await database.Database.DisposeAsync();
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    /// <summary>A copy that a test may spoil.</summary>
    public abstract Task<SpoiltLedger> CopyAsync();

    private static async Task WriteAsync(LedgerWorld world)
    {
        // Draws of one programme and of several, with caps; what was lent, spent without a line and lent again; the next day.
        var often = world.Household(members: 3);
        (await world.TapAsync(often, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        (await world.TapOfflineAsync(often, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
        (await world.TapAsync(often, LedgerWorld.Bakery, Tapping.Loaves(2))).Approved();
        (await world.TapAsync(world.Household(members: 5), LedgerWorld.Cooperative, Tapping.Loaves(10), Tapping.OfOil(2), Tapping.OfRice(3))).Approved();
        await world.Ledger.CreditAsync(new Guid(1, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]), often.Household, Egypt.BreadPoints, new PeriodId(20261200), 100, CancellationToken.None);

        // Undone: what was approved, what was presented, what never came, what never came and was lent.
        var undone = world.Household(members: 4);
        (await world.TapAsync(undone, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        var online = world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(3));
        var answered = undone.Draw(online);
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, answered, online.Lines)).Approved();
        Assert.Equal(ReversalResult.Undone, await world.ReverseAsync(LedgerWorld.Bakery, answered));
        var offline = world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(6)) with { Kind = CryptogramKind.Offline };
        var presented = undone.Draw(offline);
        (await world.PresentAsync(LedgerWorld.Bakery, presented, offline.Lines)).Approved();
        Assert.Equal(ReversalResult.Undone, await world.ReverseAsync(LedgerWorld.Bakery, presented));
        Assert.Equal(ReversalResult.NothingToUndo, await world.ReverseAsync(LedgerWorld.Bakery, undone.Draw(offline)));
        Assert.Equal(ReversalResult.NothingToUndo, await world.ReverseAsync(LedgerWorld.Bakery, undone.Draw(online)));

        // Goods that came back, in two refunds.
        var several = world.Household(members: 5);
        var basket = world.Drawing(LedgerWorld.Cooperative, Tapping.Loaves(10), Tapping.OfOil(3), Tapping.OfRice(2));
        var drawn = several.Draw(basket);
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Cooperative, drawn, basket.Lines)).Approved();
        foreach (var lines in new BasketLine[][] { [Tapping.Loaves(4), Tapping.OfOil(1)], [Tapping.OfOil(1)] })
        {
            var refund = new RefundRequest(LedgerWorld.Cooperative, drawn, new Guid(lines.Length, 7, 7, new byte[8]), lines);
            Assert.IsType<Refund.Recorded>(await world.Ledger.RefundAsync(refund, CancellationToken.None));
        }

        // Contradictions: a copied card, one that spends more than it was lent, forgeries, and a decline that is none of anybody's fault.
        var copied = world.Household(members: 3);
        var clone = copied.Copied();
        (await world.TapAsync(copied, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
        (await world.TapAsync(clone, LedgerWorld.Bakery, Tapping.Loaves(4))).Declined(DeclineReason.AtcReplayed);
        (await world.TapAsync(clone, LedgerWorld.Bakery, Tapping.Loaves(4))).Declined(DeclineReason.ChainForked);
        var again = world.Household(members: 3);
        var buried = again.Copied();
        (await world.TapAsync(again, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
        buried.Draw(online);
        Assert.Equal(ReversalResult.NothingToUndo, await world.ReverseAsync(LedgerWorld.Bakery, buried.Draw(online)));
        (await world.TapOfflineAsync(world.Household(members: 3), LedgerWorld.Bakery, Tapping.Loaves(5))).Declined(DeclineReason.BeyondAllowance);
        var drawing = world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5));
        var forged = TestCard.Sign(world.Household(members: 2).Draw(drawing).Record, cryptogram: false);
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, forged, drawing.Lines)).Declined(DeclineReason.WrongCryptogram);
        var unsigned = TestCard.Sign(world.Household(members: 2).Draw(drawing).Record, signature: false);
        (await world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, unsigned, drawing.Lines)).Declined(DeclineReason.WrongSignature);
        (await world.TapAsync(world.Household(members: 1), LedgerWorld.Bakery, Tapping.Loaves(500))).Declined(DeclineReason.OutsideDrawWindow);

        // The next day; the end of the month, when the rest becomes points; the day on which nobody can spend what was lent any more.
        world.GoTo(new DateOnly(2026, 11, 23));
        (await world.TapAsync(often, LedgerWorld.Bakery, Tapping.Loaves(3))).Approved();
        world.GoTo(new DateOnly(2026, 12, 2));
        Assert.True(await world.RollOverAsync() > 0);
        (await world.TapAsync(often, LedgerWorld.Grocer, Tapping.OfRiceForPoints(1))).Approved();
        world.GoTo(new DateOnly(2026, 12, 8));
        Assert.True(await world.ExpireAllowancesAsync() > 0);

        // Three months on: what the first draw's month came to leaves the household's document.
        world.GoTo(new DateOnly(2027, 2, 10));
        (await world.TapAsync(several, LedgerWorld.Bakery, Tapping.Loaves(2))).Approved();
    }
}

/// <summary>Table names in brackets, as the checker's SQL has them, made those of one database.</summary>
internal static partial class TableNames
{
    public static string In(string sql, DatabaseProvider provider) => TableReference().Replace(
        sql,
        match =>
        {
            var name = match.Groups["table"].Value;
            var full = name.Contains('.', StringComparison.Ordinal) ? name : "disbursements." + name;
            return provider == DatabaseProvider.Sqlite ? full.Replace('.', '_') : full;
        });

    [GeneratedRegex(@"\[(?<table>[a-z_.]+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex TableReference();
}

public sealed class SqliteWrittenLedger() : WrittenLedger(new SqliteTestDatabase())
{
    public override async Task<SpoiltLedger> CopyAsync()
    {
        var copy = Path.Combine(Options.DataFolder, Path.GetRandomFileName() + ".db");
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Options.DataFolder, "smartcard.db")};Pooling=False");
        await connection.OpenAsync();
        await using var vacuum = connection.CreateCommand();
        vacuum.CommandText = $"VACUUM INTO '{copy}'";
        await vacuum.ExecuteNonQueryAsync();
        return new SpoiltSqliteLedger(copy);
    }
}

public sealed class PostgresWrittenLedger() : WrittenLedger(new PostgresTestDatabase())
{
    public override async Task<SpoiltLedger> CopyAsync()
    {
        var original = new NpgsqlConnectionStringBuilder(Options.ConnectionString);
        var copy = string.Create(CultureInfo.InvariantCulture, $"{original.Database}_{Environment.ProcessId}_{_copies++}");
        await SpoiltPostgresLedger.AdministerAsync(original.ConnectionString, $"CREATE DATABASE {copy} TEMPLATE {original.Database}");
        return new SpoiltPostgresLedger(new NpgsqlConnectionStringBuilder(original.ConnectionString) { Database = copy, Pooling = false }.ToString());
    }

    private int _copies;
}
