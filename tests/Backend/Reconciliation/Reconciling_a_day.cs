using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>
/// Cases: nothing; each kind of break alone with its owner; what comes with several lines of one key; another merchant's draw; another terminal
/// of the same merchant; all kinds at once over several merchants; runs again (same, changed, healed, grown worse); pages; 100,000 lines a side.
/// </summary>
public abstract class Reconciling_a_day(TestDatabase fixture) : ReconciliationContract(fixture)
{
    [Fact]
    public async Task Without_a_line_finds_nothing()
    {
        var run = await RunAsync();

        Assert.Equal(new ReconciliationTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), run.Totals);
        Assert.Equal((Day, Clock.GetUtcNow()), (run.BusinessDate, run.RanAt));
        Assert.Empty(await BreaksAsync(run.RunId));
    }

    [Fact]
    public async Task Matches_what_both_sides_say_alike_programme_by_programme()
    {
        var shop = await ShopAsync();
        var bread = Draw(shop, 1);
        var groceries = bread with { Programme = ProgrammeCode.Groceries, Quantity = 5_000, CitizenPaidMinor = 0, SubsidyMinor = 5_000 };
        Ministry.Record(bread, groceries);
        await ClaimAsync(shop, ClaimOf(groceries), ClaimOf(bread));

        var run = await RunAsync();

        Assert.Equal(new ReconciliationTotals(2, 2, 2, 0, 0, 0, 0, 0, 6_640, 200), run.Totals);
        Assert.Empty(await BreaksAsync(run.RunId));
    }

    [Fact]
    public async Task Tells_the_merchant_what_is_missing_in_its_book()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));

        var run = await RunAsync();

        Assert.Equal((0, 1, 0, 0, 0, 0), Classes(run.Totals));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal(
            new Break(found.BreakId, BreakKind.MissingAtMerchant, Draw(shop, 1).Transaction, shop.Terminal, shop.Merchant, ProgrammeCode.Bread, 10, 0, 200, 0, Day, "merchant", Day),
            found);
    }

    [Fact]
    public async Task Tells_the_fraud_desk_what_nobody_recorded()
    {
        var shop = await ShopAsync();
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));

        var run = await RunAsync();

        Assert.Equal((0, 0, 1, 0, 0, 0), Classes(run.Totals));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal((BreakKind.MissingAtMinistry, "fraud", 0L, 10L, 200L), (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity, found.ClaimedCitizenPaidMinor));
    }

    [Theory]
    [InlineData(11, 200)]
    [InlineData(10, 199)]
    public async Task Tells_operations_where_quantity_or_payment_differ(long quantity, long paid)
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = quantity, CitizenPaidMinor = paid });

        var run = await RunAsync();

        Assert.Equal((0, 0, 0, 1, 0, 0), Classes(run.Totals));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal((BreakKind.AmountDiffers, "operations", 10L, quantity, 200L, paid), (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity, found.RecordedCitizenPaidMinor, found.ClaimedCitizenPaidMinor));
    }

    [Fact]
    public async Task Finds_a_double_claim_in_one_upload_and_across_uploads()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)), ClaimOf(Draw(shop, 1)));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 2, 0), Classes(run.Totals));
        Assert.All(await BreaksAsync(run.RunId), found => Assert.Equal((BreakKind.Duplicate, "merchant", 0L, 10L), (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity)));
    }

    [Fact]
    public async Task Matches_the_right_one_of_two_claims_whichever_came_first()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = 50 });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 1, 0), Classes(run.Totals));
        Assert.Equal(50, Assert.Single(await BreaksAsync(run.RunId)).ClaimedQuantity);
    }

    [Fact]
    public async Task Compares_the_first_of_two_wrong_claims()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = 50 });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = 40 });

        var breaks = await BreaksAsync((await RunAsync()).RunId);

        Assert.Equal([(BreakKind.AmountDiffers, 50L), (BreakKind.Duplicate, 40L)], breaks.Select(found => (found.Kind, found.ClaimedQuantity)));
    }

    [Fact]
    public async Task Counts_an_unrecorded_claim_made_thrice_as_one_missing_and_two_duplicates()
    {
        var shop = await ShopAsync();
        var claim = ClaimOf(Draw(shop, 1));
        await ClaimAsync(shop, claim, claim, claim);

        Assert.Equal((0, 0, 1, 0, 2, 0), Classes((await RunAsync()).Totals));
    }

    [Fact]
    public async Task Keeps_two_records_of_one_transaction_id_apart()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1), Draw(shop, 1) with { Quantity = 20, CitizenPaidMinor = 400 }, Draw(shop, 1) with { Quantity = 30, CitizenPaidMinor = 600 });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = 20, CitizenPaidMinor = 400 }, ClaimOf(Draw(shop, 1)) with { Quantity = 11 });

        Assert.Equal((1, 1, 0, 1, 0, 0), Classes((await RunAsync()).Totals));
    }

    [Fact]
    public async Task Gives_nobody_anothers_draw()
    {
        var (shop, thief) = (await ShopAsync(), await ShopAsync());
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(thief, ClaimOf(Draw(shop, 1)) with { TerminalId = thief.Terminal.Value });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 1, 0, 0, 0), Classes(run.Totals));
        Assert.Equal(thief.Merchant, Assert.Single(await BreaksAsync(run.RunId)).Merchant);
    }

    [Fact]
    public async Task Matches_a_claim_that_names_another_terminal_of_the_merchant()
    {
        var shop = await ShopAsync();
        var other = await AnotherTerminalAsync(shop);
        Ministry.Record(Draw(shop, 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { TerminalId = other.Value });

        Assert.Equal((1, 0, 0, 0, 0, 0), Classes((await RunAsync()).Totals));
    }

    [Fact]
    public async Task Calls_late_what_the_ministry_recorded_on_a_later_day()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1) with { RecordedOn = Day.AddDays(1), Offline = true }, Draw(shop, 2) with { Offline = true });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)), ClaimOf(Draw(shop, 2)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 0, 1), Classes(run.Totals));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal((BreakKind.Late, "operations", Draw(shop, 1).Transaction), (found.Kind, found.Owner, found.Transaction));
    }

    [Fact]
    public async Task Calls_late_what_the_merchant_claimed_after_the_day_had_ended_in_Cairo()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1), Draw(shop, 2));
        var noonToMidnight = new Backend.Platform.BusinessCalendar(Clock, "Africa/Cairo").StartOf(Day.AddDays(1)) - Clock.GetUtcNow();
        Advance(noonToMidnight - TimeSpan.FromMilliseconds(1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));
        Advance(TimeSpan.FromMilliseconds(1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 2)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 0, 1), Classes(run.Totals));
        Assert.Equal(Draw(shop, 2).Transaction, Assert.Single(await BreaksAsync(run.RunId)).Transaction);
    }

    [Fact]
    public async Task Calls_a_late_claim_with_another_amount_different_and_a_late_repetition_double()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1), Draw(shop, 2));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 2)));
        Advance(TimeSpan.FromDays(1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { Quantity = 11 }, ClaimOf(Draw(shop, 2)));

        Assert.Equal((1, 0, 0, 1, 1, 0), Classes((await RunAsync()).Totals));
    }

    [Fact]
    public async Task Leaves_other_days_alone()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1) with { DrawnOn = Day.AddDays(-1), RecordedOn = Day });
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)) with { BusinessDate = Day.AddDays(-1) });

        Assert.Equal(0, (await RunAsync()).Totals.Recorded + (await RunAsync()).Totals.Claimed);
    }

    [Fact]
    public async Task Adds_up_over_merchants_with_every_kind_of_break()
    {
        var (honest, careless, cheat) = (await ShopAsync(), await ShopAsync(), await ShopAsync());
        Ministry.Record(
            Draw(honest, 1), Draw(honest, 2),
            Draw(careless, 11), Draw(careless, 12), Draw(careless, 13) with { RecordedOn = Day.AddDays(2) },
            Draw(cheat, 21), Draw(cheat, 22));
        await ClaimAsync(honest, ClaimOf(Draw(honest, 1)), ClaimOf(Draw(honest, 2)));
        await ClaimAsync(careless, ClaimOf(Draw(careless, 11)), ClaimOf(Draw(careless, 13)));
        await ClaimAsync(cheat, ClaimOf(Draw(cheat, 21)), ClaimOf(Draw(cheat, 21)), ClaimOf(Draw(cheat, 22)) with { Quantity = 100 }, ClaimOf(Draw(cheat, 99)));

        var run = await RunAsync();

        Assert.Equal((4, 1, 1, 1, 1, 1), Classes(run.Totals));
        Assert.Equal((7, 8), (run.Totals.Recorded, run.Totals.Claimed));
        var breaks = await BreaksAsync(run.RunId);
        Assert.Equal(
            [
                (careless.Merchant, BreakKind.MissingAtMerchant), (careless.Merchant, BreakKind.Late),
                (cheat.Merchant, BreakKind.MissingAtMinistry), (cheat.Merchant, BreakKind.AmountDiffers), (cheat.Merchant, BreakKind.Duplicate),
            ],
            breaks.Select(found => (found.Merchant, found.Kind)));
    }

    [Fact]
    public async Task Again_replaces_the_result_and_keeps_what_is_open_with_its_age_and_owner()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1), Draw(shop, 2));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 2)) with { Quantity = 99 }, ClaimOf(Draw(shop, 3)), ClaimOf(Draw(shop, 3)));
        var first = await RunAsync();
        var before = await BreaksAsync(first.RunId);
        await GiveToAsync(before.Single(found => found.Kind == BreakKind.AmountDiffers), "fraud");
        Advance(TimeSpan.FromDays(3));

        var second = await RunAsync();

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal(first.Totals, second.Totals);
        var after = await BreaksAsync(second.RunId);
        Assert.Equal(before.Select(found => (found.Kind, found.Transaction)), after.Select(found => (found.Kind, found.Transaction)));
        Assert.All(after, found => Assert.Equal(Day, found.OpenedOn));
        Assert.Equal("fraud", after.Single(found => found.Kind == BreakKind.AmountDiffers).Owner);
        Assert.Null(await Reconciliation.BreaksAsync(first.RunId, 0, 10, CancellationToken.None));
        Assert.Null(await Reconciliation.ReportAsync(first.RunId, ReportFormat.Text, "en", CancellationToken.None));
    }

    [Fact]
    public async Task Again_after_the_ministry_heard_of_it_turns_missing_into_late_with_the_age_of_the_first_run()
    {
        var shop = await ShopAsync();
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));
        Assert.Equal((BreakKind.MissingAtMinistry, "fraud", Day), KindOwnerAge(Assert.Single(await BreaksAsync((await RunAsync()).RunId))));
        Advance(TimeSpan.FromDays(1));
        Ministry.Record(Draw(shop, 1) with { RecordedOn = Day.AddDays(1), Offline = true });

        var run = await RunAsync();

        Assert.Equal((BreakKind.Late, "operations", Day), KindOwnerAge(Assert.Single(await BreaksAsync(run.RunId))));
    }

    [Fact]
    public async Task Again_after_it_was_settled_finds_nothing_and_a_new_difference_is_young()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        await RunAsync();
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));
        Assert.Equal((1, 0, 0, 0, 0, 0), Classes((await RunAsync()).Totals));
        Advance(TimeSpan.FromDays(2));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)));

        var found = Assert.Single(await BreaksAsync((await RunAsync()).RunId));

        Assert.Equal((BreakKind.Duplicate, "merchant", Day.AddDays(2)), KindOwnerAge(found));
    }

    [Fact]
    public async Task Several_times_at_once_leaves_one_result()
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1), Draw(shop, 2));

        var runs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RunAsync()));

        var pages = await Task.WhenAll(runs.Select(run => Reconciliation.BreaksAsync(run.RunId, 0, 10, CancellationToken.None)));
        Assert.Equal(2, Assert.Single(pages, page => page is not null)!.Breaks.Count);
        Assert.Equal(2L, await CountAsync("breaks"));
        Assert.Equal(1L, await CountAsync("terminal_totals"));
    }

    [Fact]
    public async Task Gives_breaks_page_by_page()
    {
        var shop = await ShopAsync();
        Ministry.Record([.. Enumerable.Range(1, 7).Select(number => Draw(shop, (ulong)number))]);
        var run = await RunAsync();

        var first = await Reconciliation.BreaksAsync(run.RunId, 0, 5, CancellationToken.None);
        var second = await Reconciliation.BreaksAsync(run.RunId, first!.Breaks[^1].BreakId, 5, CancellationToken.None);

        Assert.Equal((5, true, 2, false), (first.Breaks.Count, first.More, second!.Breaks.Count, second.More));
        Assert.Equal(7, first.Breaks.Concat(second.Breaks).Select(found => found.Transaction).Distinct().Count());
        Assert.Null(await Reconciliation.BreaksAsync(run.RunId + 1_000_000, 0, 5, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Reconciliation.BreaksAsync(run.RunId, 0, 501, CancellationToken.None));
    }

    [Theory]
    [InlineData(ReportFormat.Text, "text/plain; charset=utf-8", "مخبز")]
    [InlineData(ReportFormat.Csv, "text/csv; charset=utf-8", "break,")]
    [InlineData(ReportFormat.Json, "application/json", "\"kind\":\"missing_at_merchant\"")]
    public async Task Is_reported_in_each_form(ReportFormat format, string mediaType, string text)
    {
        var shop = await ShopAsync("مخبز");
        Ministry.Record(Draw(shop, 1));
        var run = await RunAsync();

        var report = await Reconciliation.ReportAsync(run.RunId, format, "en", CancellationToken.None);

        Assert.Equal(mediaType, report!.MediaType);
        var content = System.Text.Encoding.UTF8.GetString(report.Content.Span);
        Assert.Contains(text, content, StringComparison.Ordinal);
        Assert.Contains(Draw(shop, 1).Transaction.ToString(), content, StringComparison.Ordinal);
        Assert.Null(await Reconciliation.ReportAsync(run.RunId + 1_000_000, format, "en", CancellationToken.None));
    }

    [Theory]
    [InlineData("runs", "matched = matched + 1")]
    [InlineData("terminal_totals", "claimed = claimed + 1")]
    [InlineData("breaks", "owner = 'nobody'")]
    public async Task Is_held_to_its_invariants_by_the_database_too(string table, string change)
    {
        var shop = await ShopAsync();
        Ministry.Record(Draw(shop, 1));
        var run = await RunAsync();

        await using var write = await Database.BeginWriteAsync(CancellationToken.None);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"UPDATE {Database.Table("reconciliation", table)} SET {change} WHERE run_id = {run.RunId}";
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => command.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task Takes_100_000_lines_a_side_with_many_breaks()
    {
        const int Lines = 100_000;
        var shop = await ShopAsync();
        var draws = Enumerable.Range(0, Lines).Select(number => Draw(shop, (ulong)number)).ToArray();
        Ministry.Record(draws);
        // Of ten: one not claimed, one claimed with another quantity, one invented.
        var claims = draws.Where((_, number) => number % 10 != 0).Select(draw => ClaimOf(draw) with { Quantity = unchecked((ulong)draw.Transaction.Value) % 10 == 1 ? 11 : 10 })
            .Concat(Enumerable.Range(0, Lines / 10).Select(number => ClaimOf(Draw(shop, (ulong)(Lines + number)))));
        await ClaimAsync(shop, [.. claims]);

        var run = await RunAsync();

        Assert.Equal((80_000, 10_000, 10_000, 10_000, 0, 0), Classes(run.Totals));
        Assert.Equal(30_000L, await CountAsync("breaks"));
        Advance(TimeSpan.FromDays(1));
        var again = await RunAsync();
        Assert.Equal(30_000L, await CountAsync("breaks"));
        Assert.All(await BreaksAsync(again.RunId), found => Assert.Equal(Day, found.OpenedOn));
    }

    private static (BreakKind Kind, string Owner, DateOnly OpenedOn) KindOwnerAge(Break found) => (found.Kind, found.Owner, found.OpenedOn);

    private async Task GiveToAsync(Break found, string owner)
    {
        await using var write = await Database.BeginWriteAsync(CancellationToken.None);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"UPDATE {Database.Table("reconciliation", "breaks")} SET owner = '{owner}' WHERE break_id = {found.BreakId}";
        await command.ExecuteNonQueryAsync();
        await write.CommitAsync(CancellationToken.None);
    }

    private async Task<long> CountAsync(string table)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT count(*) FROM {Database.Table("reconciliation", table)} t
            JOIN {Database.Table("reconciliation", "runs")} r ON r.run_id = t.run_id WHERE r.business_date = '{Day:yyyy-MM-dd}'
            """;
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

public sealed class Reconciling_a_day_on_sqlite(SqliteTestDatabase database) : Reconciling_a_day(database), IClassFixture<SqliteTestDatabase>;

public sealed class Reconciling_a_day_on_postgres(PostgresTestDatabase database) : Reconciling_a_day(database), IClassFixture<PostgresTestDatabase>;
