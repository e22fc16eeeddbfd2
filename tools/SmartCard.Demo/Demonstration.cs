using System.Diagnostics;
using System.Text;
using SmartCard.Demo.Day;
using SmartCard.Demo.Day.Situations;
using SmartCard.Demo.Report;
using SmartCard.Demo.World;
using SmartCard.LedgerCheck.Reports;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;
using Spectre.Console;

namespace SmartCard.Demo;

/// <summary>
/// The main job from end to end. A population and its cards; a business day with its situations; one terminal without a line for some hours and one
/// until the next morning; closing time; reconciliation. Its result is the summary, and a list of what did not end as it must.
/// </summary>
internal sealed class Demonstration(DemoOptions options, IAnsiConsole console)
{
    /// <summary>Offline draws at each of the two shops without a line.</summary>
    private const int OfflineVisits = 12;

    private readonly Stages _stages = new(console);
    private readonly long _started = Stopwatch.GetTimestamp();

    public async Task<DemoResult> RunAsync(CancellationToken cancellation)
    {
        var world = await DemoWorld.BuildAsync(options, _stages, cancellation);
        var day = await BusinessDay.OpenAsync(world, options, cancellation);
        await using (day)
        {
            var plan = DayPlan.Make(world, options.Seed);
            var scene = new Scene(world, day, plan.Apart, options.Seed);
            var situations = Situation.OfTheDay(scene);
            var bakeries = day.Shops.Where(shop => shop.Merchant.IsBakery).ToArray();
            var (briefly, untilMorning) = (bakeries[^2].Merchant, bakeries[^1].Merchant);
            var visits = plan.Morning.Concat(plan.Afternoon).CountBy(visit => visit.Merchant).ToDictionary();
            var cheat = bakeries[2..^2].Select(shop => shop.Merchant).MaxBy(merchant => visits.GetValueOrDefault(merchant.Index))!;
            var bookkeeper = day.Shops.Last(shop => !shop.Merchant.IsBakery).Merchant;

            day.GoTo(TimeSpan.FromHours(7));
            await day.ServeAsync("Morning", plan.Morning, _stages, cancellation);

            await _stages.RunAsync("Situations", situations.Count, async done =>
            {
                foreach (var situation in situations)
                {
                    await scene.PlayAsync(situation, cancellation);
                    done();
                }
            });

            day.GoTo(TimeSpan.FromHours(12));
            var surprises = new List<string>(scene.Surprises);
            var outage = OfflineVisitsFrom(plan.Morning, world, briefly.Index, untilMorning.Index);
            var offlineBefore = day.Tally.Offline;
            Shop(briefly).Line.IsDown = Shop(untilMorning).Line.IsDown = true;
            await day.ServeAsync("Without a line", outage, _stages, cancellation);
            var offline = day.Tally.Offline - offlineBefore;
            if (offline < outage.Count)
                surprises.Add($"of {outage.Count} draws without a line {offline} were approved");

            day.GoTo(TimeSpan.FromHours(14));
            Shop(briefly).Line.IsDown = false;
            await ExpectAllSentAsync(Shop(briefly), surprises, cancellation);
            var afternoon = plan.Afternoon.Where(visit => visit.Merchant != untilMorning.Index).ToArray();
            await day.ServeAsync("Afternoon", afternoon, _stages, cancellation);

            day.GoTo(TimeSpan.FromHours(21));
            var evening = new Evening(world, day);
            await evening.CloseAsync([.. day.Shops.Where(shop => shop.Merchant != untilMorning)], Shop(cheat), Shop(bookkeeper), _stages, cancellation);

            day.GoToNextDay(TimeSpan.FromHours(6.5));
            Shop(untilMorning).Line.IsDown = false;
            await ExpectAllSentAsync(Shop(untilMorning), surprises, cancellation);
            var late = await evening.CloseLateAsync(Shop(untilMorning), cancellation);

            var (run, report) = await ReconcileAsync(world, day.Date, cancellation);
            PrintNotes(evening.Notes);
            console.WriteLine(report);
            surprises.AddRange(Checks(run, late));
            var ledger = await _stages.RunAsync("Recomputing the ledger", 1, _ => LedgerProof.RunAsync(world, cancellation));
            surprises.AddRange(ledger.BrokenChecks.Select(check => $"the ledger breaks {check.Name}: tools/ledgercheck shows the rows"));
            return new DemoResult(world, Summarise(world, day, run, ledger), surprises);

            Shop Shop(DemoMerchant merchant) => day.Shops.Single(shop => shop.Merchant == merchant);
        }
    }

    /// <summary>
    /// Bread for households that tapped in the morning: their cards have been lent an allowance. That is a day's share of the month's bread, in a long month a little less
    /// than five loaves a head.
    /// </summary>
    private static List<Visit> OfflineVisitsFrom(IReadOnlyList<Visit> morning, DemoWorld world, params int[] merchants)
    {
        var baskets = new BasketPlanner(world.Rules, new Random(0));
        var members = world.Households.ToDictionary(household => household.Household, household => household.Members.Count);
        return
        [
            .. morning.DistinctBy(visit => visit.Household).Take(OfflineVisits * merchants.Length)
                .Select((visit, index) => new Visit(visit.Household, merchants[index % merchants.Length], baskets.BreadOf((uint)(4 * members[visit.Household])))),
        ];
    }

    private static async Task ExpectAllSentAsync(Shop shop, List<string> surprises, CancellationToken cancellation)
    {
        var sent = await shop.Terminal.SendUnsentAsync(cancellation);
        if (!sent.IsAllSent)
            surprises.Add($"terminal {shop.Merchant.Terminal} kept records back: {sent}");
    }

    private static async Task<(RunReconciliationResponse Run, string Report)> ReconcileAsync(DemoWorld world, DateOnly date, CancellationToken cancellation)
    {
        var client = new Reconciliation.ReconciliationClient(world.Settlement.Channel);
        var request = new RunReconciliationRequest { BusinessDate = new BusinessDate { Yyyymmdd = (uint)LocalMoment.Number(date) } };
        var run = await client.RunAsync(request, cancellationToken: cancellation);
        var report = await client.GetReportAsync(
            new GetReportRequest { RunId = run.RunId, Format = ReportFormat.Text, Language = "en" }, cancellationToken: cancellation);
        return (run, Encoding.UTF8.GetString(report.Content.Span));
    }

    /// <summary>The dishonest books and the late terminal must both show; of refunds there is nothing to show.</summary>
    private static IEnumerable<string> Checks(RunReconciliationResponse run, int late)
    {
        var totals = run.Totals;
        if (totals.MissingAtMinistry != 4)
            yield return $"four invented lines, {totals.MissingAtMinistry} found";
        if (totals.AmountDiffers != 3)
            yield return $"three inflated lines, {totals.AmountDiffers} found";
        if (totals.Duplicate != 2)
            yield return $"two doubled lines, {totals.Duplicate} found";
        if (totals.MissingAtMerchant != 1)
            yield return $"one forgotten line, {totals.MissingAtMerchant} found";
        if (late < OfflineVisits || totals.Late != late)
            yield return $"{late} late lines, {totals.Late} found";
        if ((run.Refunds.Recorded, run.Refunds.Claimed, run.Refunds.Matched) != (RefundSituations.Lines, RefundSituations.Lines, RefundSituations.Lines))
            yield return $"{RefundSituations.Lines} lines of refunds on either side, each with the other's: {run.Refunds}";
    }

    private void PrintNotes(IReadOnlyList<string> notes)
    {
        foreach (var note in notes)
            console.WriteLine(note);
        console.WriteLine();
    }

    private DemoSummary Summarise(DemoWorld world, BusinessDay day, RunReconciliationResponse run, LedgerReport ledger) => new()
    {
        Households = world.Households.Count,
        Merchants = world.Merchants.Count,
        Database = options.Database == DemoDatabase.Postgres ? "postgres" : "sqlite",
        Reader = options.Pcsc ? "pcsc" : "in-process",
        Taps = day.Tally.Taps,
        Approved = day.Tally.Approved,
        Declined = day.Tally.Declined,
        DeclinedLater = day.Tally.DeclinedLater,
        RefusedAtTerminal = day.Tally.RefusedAtTerminal,
        Offline = day.Tally.Offline,
        Reversed = day.Shops.Sum(shop => Batches(shop).Sum(batch => batch.Reversed)),
        LedgerLines = run.Totals.Claimed,
        Matched = run.Totals.Matched,
        Breaks = new SortedDictionary<string, long>
        {
            ["amountDiffers"] = run.Totals.AmountDiffers,
            ["duplicate"] = run.Totals.Duplicate,
            ["late"] = run.Totals.Late,
            ["missingAtMerchant"] = run.Totals.MissingAtMerchant,
            ["missingAtMinistry"] = run.Totals.MissingAtMinistry,
        },
        RefundLines = run.Refunds.Claimed,
        RefundsMatched = run.Refunds.Matched,
        DisbursedMinor = run.Totals.RecordedSubsidyMinor - run.Refunds.RecordedSubsidyMinor,
        CitizensPaidMinor = day.Shops.Sum(shop => Batches(shop).Sum(batch => batch.CitizenPaidMinor)),
        TapMsP50 = Percentiles.NearestRank(day.Tally.DrawMs, 50),
        TapMsP95 = Percentiles.NearestRank(day.Tally.DrawMs, 95),
        LedgerCheck = ledger.Holds ? "held" : "broken",
        InvariantsHeld = ledger.Count(Verdict.Held),
        ElapsedMs = (long)Stopwatch.GetElapsedTime(_started).TotalMilliseconds,
    };

    private static IEnumerable<TerminalAgent.Batches.BatchReport> Batches(Shop shop)
    {
        for (var number = 1; shop.Terminal.ReadBatch(number) is { } batch; number++)
            yield return batch;
    }
}

/// <param name="World">Still running; the caller disposes it.</param>
/// <param name="Surprises">What did not end as it must; empty where all went well.</param>
internal sealed record DemoResult(DemoWorld World, DemoSummary Summary, IReadOnlyList<string> Surprises);
