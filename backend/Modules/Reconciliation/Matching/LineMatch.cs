using SmartCard.Protocol.Cryptography;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>
/// Puts both sides of a date together by (transaction, programme), merchant by merchant: decision 0004. A hash join, partition by partition,
/// on all processors; the result does not depend on how the work was shared.
/// </summary>
internal static class LineMatch
{
    /// <exception cref="InvalidOperationException">The result does not add up: a defect here, never a matter of the lines.</exception>
    public static MatchResult Run(LineColumns recorded, LineColumns claimed, Places places, IRandomSource random)
    {
        var hash = new KeyHash(random);
        var bits = Partitions.BitsFor(Math.Max(recorded.Count, claimed.Count));
        var recordedPartitions = Partitions.Of(recorded, hash, bits);
        var claimedPartitions = Partitions.Of(claimed, hash, bits);
        var merchants = places.Merchants();

        var workers = new List<MatchWorker>();
        Parallel.For(
            0,
            1 << bits,
            () =>
            {
                var worker = new MatchWorker(recorded, claimed, merchants, hash);
                lock (workers)
                    workers.Add(worker);
                return worker;
            },
            (number, _, worker) =>
            {
                worker.Match(recordedPartitions[number], claimedPartitions[number]);
                return worker;
            },
            _ => { });

        var byPlace = new LineTotals[places.Count];
        foreach (var worker in workers)
            worker.AddTotalsTo(byPlace);
        return Checked(recorded, claimed, byPlace, InOrder(places, [.. workers.SelectMany(worker => worker.Breaks)]));
    }

    /// <summary>All of them, by merchant, terminal, kind, transaction, programme and occurrence.</summary>
    public static FoundBreak[] InOrder(Places places, params ReadOnlySpan<FoundBreak[]> breaks)
    {
        FoundBreak[] all = [.. breaks.ToArray().SelectMany(some => some)];
        Array.Sort(all, new BreakOrder(places));
        return all;
    }

    private static MatchResult Checked(LineColumns recorded, LineColumns claimed, LineTotals[] byPlace, FoundBreak[] breaks)
    {
        var totals = new LineTotals();
        foreach (ref readonly var place in byPlace.AsSpan())
        {
            if (!place.AddsUp)
                throw new InvalidOperationException("A terminal's lines do not add up.");
            totals.Add(place);
        }
        if (!totals.AddsUp || totals.Recorded != recorded.Count || totals.Claimed != claimed.Count || totals.Breaks != breaks.Length)
            throw new InvalidOperationException("The day's lines do not add up.");
        return new MatchResult(totals, byPlace, breaks);
    }

    private sealed class BreakOrder(Places places) : IComparer<FoundBreak>
    {
        public int Compare(FoundBreak x, FoundBreak y)
        {
            var order = ComparePlaces(x.Place, y.Place);
            if (order == 0)
                order = x.Kind.CompareTo(y.Kind);
            if (order == 0)
                order = x.Transaction.CompareTo(y.Transaction);
            if (order == 0)
                order = x.Programme.CompareTo(y.Programme);
            return order == 0 ? x.Occurrence.CompareTo(y.Occurrence) : order;
        }

        private int ComparePlaces(int x, int y)
        {
            if (x == y)
                return 0;
            var (one, other) = (places[x], places[y]);
            var order = one.Merchant.Value.CompareTo(other.Merchant.Value);
            return order == 0 ? one.Terminal.CompareTo(other.Terminal) : order;
        }
    }
}
