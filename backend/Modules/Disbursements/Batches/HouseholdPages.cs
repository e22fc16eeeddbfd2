using System.Data.Common;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>One household's part of bulk work: what has to be read for it, and what is decided on that. Makes one entry at most.</summary>
internal sealed record HouseholdWork(LedgerKey Key, Action<HouseholdState, IEntryIds> Decide);

/// <summary>
/// Bulk work by pages of households: one read, decisions in memory, one write over the whole page. It goes beside the lanes of draws, so that it turns no
/// draw away, and under the same versions: a household that a draw changed meanwhile is left out of the write, read again and decided again. Citizens go
/// first: while draws are on their way it rests after each page. Not safe for several callers at once.
/// </summary>
internal sealed partial class HouseholdPages(LedgerPath path, ILogger logger) : IAsyncDisposable
{
    /// <summary>One statement writes so many households.</summary>
    public const int Length = 1_000;

    /// <summary>Times as long as the page took: a fifth of what one connection can do is left to bulk work in a busy hour.</summary>
    private const int RestAmongDraws = 4;

    private readonly ILedgerConnection _ledger = path.Store.Open();
    private readonly EntryBlocks _ids = new(path.Store);

    /// <summary>Households that could not be decided or written so far.</summary>
    public int LeftOut { get; private set; }

    /// <summary>On disk when it returns, but for households that cannot be decided or written: they are logged, counted and left as they were.</summary>
    /// <returns>How many households were changed.</returns>
    /// <exception cref="DbException">The database went away. The same page again does what is left of it.</exception>
    public async Task<int> WriteAsync(IReadOnlyList<HouseholdWork> page, CancellationToken cancellation)
    {
        var started = path.Time.GetTimestamp();
        var changed = await WriteOrHalveAsync(page, cancellation);
        if (path.HasDrawsUnderWay)
            await Task.Delay(RestAmongDraws * path.Time.GetElapsedTime(started), path.Time, cancellation);
        return changed;
    }

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private async Task<int> WriteOrHalveAsync(IReadOnlyList<HouseholdWork> page, CancellationToken cancellation)
    {
        try
        {
            return await WriteWholeAsync(page, cancellation);
        }
        catch (Exception failure) when (failure is LedgerInvariantException or OverflowException || IsRefusedForOne(failure))
        {
            if (page.Count == 1)
            {
                LeftOut++;
                LogLeft(logger, failure);
                return 0;
            }
            // One household spoils the page. Halving finds it; its neighbours are written on the way.
            var half = page.Count / 2;
            return await WriteOrHalveAsync([.. page.Take(half)], cancellation) + await WriteOrHalveAsync([.. page.Skip(half)], cancellation);
        }
    }

    private async Task<int> WriteWholeAsync(IReadOnlyList<HouseholdWork> page, CancellationToken cancellation)
    {
        var changed = 0;
        var left = page;
        for (var attempt = 1; left.Count > 0; attempt++)
        {
            if (attempt > path.Options.AttemptsMax)
                throw new LedgerUnavailableException(new TimeoutException($"{left.Count} households were changed by others again and again."));
            var (written, outrun) = await AttemptAsync(left, cancellation);
            (changed, left) = (changed + written, outrun);
        }
        return changed;
    }

    private async Task<(int Written, IReadOnlyList<HouseholdWork> Outrun)> AttemptAsync(IReadOnlyList<HouseholdWork> page, CancellationToken cancellation)
    {
        var states = await _ledger.ReadAsync([.. page.Select(work => work.Key)], cancellation);
        await _ids.ReserveAsync(page.Count, cancellation);
        foreach (var work in page)
            work.Decide(states[work.Key.Household], _ids);

        // In the writers' order, so that nobody waits for anybody in a circle.
        var changing = states.Values.Where(state => state.Changes.TouchLedger).OrderBy(state => state.Household.Bucket).ThenBy(state => state.Household.Value).ToArray();
        foreach (var state in changing)
            state.AssertSound();
        if (changing.Length == 0)
            return (0, []);
        var written = await _ledger.WriteAsync(new LedgerBatch(changing, [], []), cancellation);
        return (written.Count, [.. page.Where(work => states[work.Key.Household].Changes.TouchLedger && !written.Contains(work.Key.Household))]);
    }

    /// <summary>The database refuses one household's rows. Everything else that it says is the whole page's.</summary>
    private bool IsRefusedForOne(Exception failure) => failure is DbException refused && _ledger.Classify(refused) is WriteFailure.Poisoned or WriteFailure.KeyTaken;

    [LoggerMessage(Level = LogLevel.Error, Message = "A household was left out of bulk work on the ledger")]
    private static partial void LogLeft(ILogger logger, Exception failure);
}
