using System.Text;
using System.Text.Json;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>
/// Goods that came back stand on the day of the refund, on both sides, and are matched with each other alone: alike, missing at either, differing, twice, late; beside the draw of the same
/// transaction; several of one draw; runs again; what the reports say.
/// </summary>
public abstract class Reconciling_refunds(TestDatabase fixture) : ReconciliationContract(fixture)
{
    private static readonly ReconciliationTotals s_none = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    [Fact]
    public async Task Matches_what_both_sides_say_came_back()
    {
        var shop = await ShopAsync();
        var refund = Refund(Draw(shop, 1) with { DrawnOn = Day.AddDays(-9) }, loaves: 4);
        Ministry.Refund(refund);
        await ClaimAsync(shop, ClaimOf(refund));

        var run = await RunAsync();

        Assert.Equal(s_none, run.Totals);
        Assert.Equal(new ReconciliationTotals(1, 1, 1, 0, 0, 0, 0, 0, 4 * 164, 4 * 20), run.Refunds);
        Assert.Empty(await BreaksAsync(run.RunId));
    }

    [Fact]
    public async Task Tells_the_merchant_what_its_book_lacks()
    {
        var shop = await ShopAsync();
        Ministry.Refund(Refund(Draw(shop, 1), loaves: 4));

        var run = await RunAsync();

        Assert.Equal((0, 1, 0, 0, 0, 0), Classes(run.Refunds));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal((BreakKind.RefundMissingAtMerchant, "merchant", 4L, 0L, 80L, 0L), (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity, found.RecordedCitizenPaidMinor, found.ClaimedCitizenPaidMinor));
    }

    [Fact]
    public async Task Tells_operations_what_no_household_got_back()
    {
        var shop = await ShopAsync();
        await ClaimAsync(shop, ClaimOf(Refund(Draw(shop, 1), loaves: 4)));

        var run = await RunAsync();

        Assert.Equal((0, 0, 1, 0, 0, 0), Classes(run.Refunds));
        var found = Assert.Single(await BreaksAsync(run.RunId));
        Assert.Equal((BreakKind.RefundMissingAtMinistry, "operations", 0L, 4L), (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity));
    }

    [Fact]
    public async Task Never_matches_a_refund_with_its_draw()
    {
        var shop = await ShopAsync();
        var draw = Draw(shop, 1);
        Ministry.Record(draw);
        // Ten loaves drawn, ten refunded; the merchant claims the refund as another draw.
        Ministry.Refund(Refund(draw, loaves: 10));
        await ClaimAsync(shop, ClaimOf(draw), ClaimOf(draw));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 1, 0), Classes(run.Totals));
        Assert.Equal((0, 1, 0, 0, 0, 0), Classes(run.Refunds));
        Assert.Equal([BreakKind.Duplicate, BreakKind.RefundMissingAtMerchant], (await BreaksAsync(run.RunId)).Select(found => found.Kind));
    }

    [Fact]
    public async Task Matches_several_refunds_of_one_draw_each_with_its_own()
    {
        var shop = await ShopAsync();
        var draw = Draw(shop, 1);
        Ministry.Record(draw);
        Ministry.Refund(Refund(draw, 4), Refund(draw, 3), Refund(draw, 2));
        await ClaimAsync(shop, ClaimOf(draw), ClaimOf(Refund(draw, 2)), ClaimOf(Refund(draw, 4)), ClaimOf(Refund(draw, 1)), ClaimOf(Refund(draw, 1)));

        var run = await RunAsync();

        Assert.Equal((1, 0, 0, 0, 0, 0), Classes(run.Totals));
        Assert.Equal((2, 0, 0, 1, 1, 0), Classes(run.Refunds));
        Assert.Equal(
            [(BreakKind.RefundAmountDiffers, "operations", 3L, 1L), (BreakKind.RefundDuplicate, "merchant", 0L, 1L)],
            (await BreaksAsync(run.RunId)).Select(found => (found.Kind, found.Owner, found.RecordedQuantity, found.ClaimedQuantity)));
    }

    [Fact]
    public async Task Calls_late_what_the_merchant_books_after_the_day()
    {
        var shop = await ShopAsync();
        var refund = Refund(Draw(shop, 1), loaves: 4);
        Ministry.Refund(refund);
        Advance(TimeSpan.FromDays(1));
        await ClaimAsync(shop, ClaimOf(refund));

        var run = await RunAsync();

        Assert.Equal((0, 0, 0, 0, 0, 1), Classes(run.Refunds));
        Assert.Equal((BreakKind.RefundLate, "operations"), (await BreaksAsync(run.RunId)).Select(found => (found.Kind, found.Owner)).Single());
    }

    [Fact]
    public async Task Run_again_replaces_the_result_and_keeps_ages_of_refunds_and_draws_apart()
    {
        var shop = await ShopAsync();
        var draw = Draw(shop, 1);
        await ClaimAsync(shop, ClaimOf(Refund(draw, loaves: 4)));
        var first = await RunAsync();
        Advance(TimeSpan.FromDays(1));
        // The ministry's refund comes with another quantity, and a draw of the same id turns up unclaimed.
        Ministry.Record(draw);
        Ministry.Refund(Refund(draw, loaves: 3));

        var second = await RunAsync();

        Assert.Null(await Reconciliation.BreaksAsync(first.RunId, 0, 500, CancellationToken.None));
        Assert.Equal(
            [(BreakKind.MissingAtMerchant, Day.AddDays(1)), (BreakKind.RefundAmountDiffers, Day)],
            (await BreaksAsync(second.RunId)).Select(found => (found.Kind, found.OpenedOn)));
    }

    [Fact]
    public async Task Says_in_every_report_what_is_taken_off()
    {
        var (shop, other) = (await ShopAsync("Corner"), await ShopAsync("Only refunds"));
        Ministry.Record(Draw(shop, 1));
        Ministry.Refund(Refund(Draw(shop, 1), loaves: 4), Refund(Draw(other, 2), loaves: 1));
        await ClaimAsync(shop, ClaimOf(Draw(shop, 1)), ClaimOf(Refund(Draw(shop, 1), loaves: 4)));

        var run = await RunAsync();

        var text = await ReportAsync(run, ReportFormat.Text);
        // Ten loaves less five, at 1.64 each.
        Assert.Matches(@"Subsidy taken off by refunds +8\.20\n", text);
        Assert.Matches(@"Subsidy owed for the day +8\.20\n", text);
        Assert.Contains("Adds up: Recorded 2 = 1 + 0 + 1 + 0", text, StringComparison.Ordinal);
        Assert.Contains("Refund missing at merchant  merchant", text, StringComparison.Ordinal);
        var csv = (await ReportAsync(run, ReportFormat.Csv)).Split('\n');
        Assert.StartsWith($"day_refunds,{Day:yyyy-MM-dd},,,,,2,1,1,1,0,0,0,0,820,100,80", csv[2], StringComparison.Ordinal);
        Assert.Single(csv, line => line.StartsWith("terminal_refunds,", StringComparison.Ordinal) && line.Contains($",{other.Terminal},1,0,0,1,", StringComparison.Ordinal));
        Assert.Contains(csv, line => line.StartsWith("break,", StringComparison.Ordinal) && line.Contains(",refund_missing_at_merchant,merchant,", StringComparison.Ordinal));
        var json = JsonDocument.Parse(await ReportAsync(run, ReportFormat.Json)).RootElement;
        Assert.Equal((1, 820), (json.GetProperty("refunds").GetProperty("matched").GetInt32(), json.GetProperty("refunds").GetProperty("recordedSubsidyMinor").GetInt32()));
        Assert.Equal(164, json.GetProperty("merchants")[1].GetProperty("terminals")[0].GetProperty("refunds").GetProperty("recordedSubsidyMinor").GetInt32());
        Assert.Equal("refund_missing_at_merchant", json.GetProperty("breaks")[0].GetProperty("kind").GetString());
    }

    private async Task<string> ReportAsync(ReconciliationRun run, ReportFormat format) =>
        Encoding.UTF8.GetString((await Reconciliation.ReportAsync(run.RunId, format, "en", CancellationToken.None))!.Content.Span);
}

public sealed class Reconciling_refunds_on_sqlite(SqliteTestDatabase database) : Reconciling_refunds(database), IClassFixture<SqliteTestDatabase>;

public sealed class Reconciling_refunds_on_postgres(PostgresTestDatabase database) : Reconciling_refunds(database), IClassFixture<PostgresTestDatabase>;
