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
/// <param name="Breaks">The first of <see cref="LineTotals.Breaks"/>, as many as were asked for.</param>
internal sealed record ReportFacts(
    RunRow Run, LocalDateTime RanAt, LineTotals Totals, IReadOnlyList<MerchantShare> Merchants, IReadOnlyList<BreakRow> Breaks,
    IReadOnlyDictionary<ProgrammeCode, Label> Programmes, CountryProfile Profile);

/// <param name="Name">Null where the merchant is no longer registered.</param>
internal sealed record MerchantShare(MerchantId Merchant, Label? Name, LineTotals Totals, IReadOnlyList<TerminalShare> Terminals);

internal sealed record TerminalShare(TerminalId Terminal, LineTotals Totals);

internal sealed class ReportSource(ModuleDatabase database, IMerchants merchants, IProgrammes programmes, BusinessCalendar calendar)
{
    /// <summary>Null where the run is unknown or was replaced.</summary>
    public async Task<ReportFacts?> FindAsync(long runId, int breaksMax, CancellationToken cancellation)
    {
        await using var context = new ReconciliationDbContext(database);
        var run = await context.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.RunId == runId, cancellation);
        if (run is null)
            return null;
        var terminals = await context.TerminalTotals.AsNoTracking()
            .Where(total => total.RunId == runId)
            .OrderBy(total => total.MerchantId).ThenBy(total => total.TerminalId)
            .ToListAsync(cancellation);
        var breaks = await context.Breaks.AsNoTracking().Where(found => found.RunId == runId).OrderBy(found => found.BreakId).Take(breaksMax).ToListAsync(cancellation);
        if (!await RunStore.IsInForceAsync(context, runId, cancellation))
            return null;

        var shares = terminals.GroupBy(total => total.MerchantId).ToList();
        var names = await merchants.FindNamesAsync([.. shares.Select(share => share.Key)], cancellation);
        var rules = programmes.RulesOn(run.BusinessDate);
        return new ReportFacts(
            run,
            calendar.LocalOf(run.RanAt),
            Sum(terminals),
            [.. shares.Select(share => new MerchantShare(share.Key, names.GetValueOrDefault(share.Key), Sum(share), [.. share.Select(total => new TerminalShare(total.TerminalId, total.ToTotals()))]))],
            breaks,
            rules.Programmes.ToDictionary(programme => programme.Key, programme => programme.Value.Name),
            programmes.Profile);
    }

    private static LineTotals Sum(IEnumerable<TerminalTotalRow> rows)
    {
        var sum = new LineTotals();
        foreach (var row in rows)
            sum.Add(row.ToTotals());
        return sum;
    }
}
