using Microsoft.EntityFrameworkCore;
using NodaTime;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Backend.Reconciliation.Running;
using SmartCard.Backend.Reconciliation.Tables;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <summary>What a report says, whatever its form.</summary>
/// <param name="RanAt">In the profile's time zone.</param>
/// <param name="Totals">Of draws, here and in the shares; refunds have their own.</param>
/// <param name="Breaks">The first of all <see cref="LineTotals.Breaks"/>, as many as were asked for.</param>
internal sealed record ReportFacts(
    RunRow Run, LocalDateTime RanAt, LineTotals Totals, IReadOnlyList<MerchantShare> Merchants, IReadOnlyList<BreakRow> Breaks,
    IReadOnlyDictionary<ProgrammeCode, Label> Programmes, CountryProfile Profile)
{
    public LineTotals Refunds { get; init; }
}

/// <param name="Name">Null where the merchant is no longer registered.</param>
internal sealed record MerchantShare(MerchantId Merchant, Label? Name, LineTotals Totals, IReadOnlyList<TerminalShare> Terminals)
{
    public LineTotals Refunds { get; init; }
}

internal sealed record TerminalShare(TerminalId Terminal, LineTotals Totals)
{
    public LineTotals Refunds { get; init; }
}

internal sealed class ReportSource(ModuleDatabase database, IMerchants merchants, IProgrammes programmes, BusinessCalendar calendar)
{
    /// <summary>Null where the run is unknown or was replaced.</summary>
    public async Task<ReportFacts?> FindAsync(long runId, int breaksMax, CancellationToken cancellation)
    {
        await using var context = new ReconciliationDbContext(database);
        var run = await context.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.RunId == runId, cancellation);
        if (run is null)
            return null;
        var draws = await context.TerminalTotals.AsNoTracking().Where(total => total.RunId == runId).ToListAsync(cancellation);
        var refunds = await context.TerminalRefunds.AsNoTracking().Where(total => total.RunId == runId).ToListAsync(cancellation);
        var breaks = await context.Breaks.AsNoTracking().Where(found => found.RunId == runId).OrderBy(found => found.BreakId).Take(breaksMax).ToListAsync(cancellation);
        if (!await RunStore.IsInForceAsync(context, runId, cancellation))
            return null;

        var shares = SharesOf(draws, refunds);
        var names = await merchants.FindNamesAsync([.. shares.Select(share => share.Merchant)], cancellation);
        var rules = programmes.RulesOn(run.BusinessDate);
        return new ReportFacts(
            run,
            calendar.LocalOf(run.RanAt),
            Sum(draws.Select(total => total.ToTotals())),
            [.. shares.Select(share => share with { Name = names.GetValueOrDefault(share.Merchant) })],
            breaks,
            rules.Programmes.ToDictionary(programme => programme.Key, programme => programme.Value.Name),
            programmes.Profile)
        {
            Refunds = Sum(refunds.Select(total => total.ToTotals())),
        };
    }

    /// <summary>By merchant and terminal; a terminal may have draws, refunds or both.</summary>
    private static List<MerchantShare> SharesOf(IReadOnlyList<TerminalTotalRow> draws, IReadOnlyList<TerminalRefundsRow> refunds)
    {
        var ofDraws = draws.ToDictionary(total => (total.MerchantId, total.TerminalId), total => total.ToTotals());
        var ofRefunds = refunds.ToDictionary(total => (total.MerchantId, total.TerminalId), total => total.ToTotals());
        return
        [
            .. ofDraws.Keys.Union(ofRefunds.Keys).GroupBy(place => place.MerchantId, place => place.TerminalId).OrderBy(merchant => merchant.Key.Value).Select(merchant =>
            {
                TerminalShare[] terminals =
                [
                    .. merchant.Order().Select(terminal => new TerminalShare(terminal, ofDraws.GetValueOrDefault((merchant.Key, terminal)))
                    {
                        Refunds = ofRefunds.GetValueOrDefault((merchant.Key, terminal)),
                    }),
                ];
                return new MerchantShare(merchant.Key, Name: null, Sum(terminals.Select(terminal => terminal.Totals)), terminals)
                {
                    Refunds = Sum(terminals.Select(terminal => terminal.Refunds)),
                };
            }),
        ];
    }

    private static LineTotals Sum(IEnumerable<LineTotals> parts)
    {
        var sum = new LineTotals();
        foreach (var part in parts)
            sum.Add(part);
        return sum;
    }
}
