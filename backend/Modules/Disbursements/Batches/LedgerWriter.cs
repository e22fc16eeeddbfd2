using System.Data.Common;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// Decides and writes what waits in the lanes, a batch at a time. Requests come with what was read ahead for them (<see cref="LedgerPath"/>), and a batch is whatever
/// has queued when the last write is on disk. What was read may be old by then: the write says so, and is decided again on a fresh read.
/// Memory only saves round trips; it is never believed.
/// </summary>
internal sealed partial class LedgerWriter : IAsyncDisposable
{
    /// <summary>A draw, its lendings.</summary>
    private const int EntriesPerRequestMax = 8;

    private readonly LedgerLanes _lanes;
    private readonly LedgerOptions _options;
    private readonly ILedgerConnection _ledger;
    private readonly EntryBlocks _ids;
    private readonly BusinessCalendar _calendar;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _writing;

    public LedgerWriter(
        LedgerLanes lanes, ILedgerStore store, LedgerOptions options, BusinessCalendar calendar, TimeProvider time, TaskScheduler loops, ILogger logger)
    {
        (_lanes, _options, _calendar, _time, _logger) = (lanes, options, calendar, time, logger);
        _ids = new EntryBlocks(store);
        _ledger = store.Open();
        _writing = loops.Start(WriteAsync);
    }

    /// <summary>Waits until it has answered what waits in the lanes, which are closed before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing;
        await _ledger.DisposeAsync();
    }

    private async Task WriteAsync()
    {
        while (await _lanes.TakeTurnAsync() is { } turn)
        {
            using (turn)
                await SettleAsync(turn.Requests);
        }
    }

    /// <summary>Until every request of the batch has its answer, or its failure.</summary>
    private async Task SettleAsync(List<LedgerRequest> batch)
    {
        while (batch.Count > 0)
        {
            var attempt = AttemptAsync(batch);
            await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (attempt.IsCompletedSuccessfully)
            {
                batch = StillTrying(await attempt, request => request.GiveUp());
                continue;
            }

            var failure = attempt.Exception?.InnerException ?? new OperationCanceledException();
            if (failure is DbException database && IsWorthReadingAgain(database, batch))
            {
                LogReadAgain(_logger, batch.Count, failure.GetType().Name, database.SqlState);
                batch = StillTrying(batch, request => request.Fail(new LedgerUnavailableException(failure)));
                await Task.Delay(TimeSpan.FromMilliseconds(_options.BackOffMs * batch.Select(request => request.Attempts).FirstOrDefault()), _time);
            }
            else if (batch.Count == 1)
            {
                LogPoisoned(_logger, failure);
                batch[0].Fail(IsTaken(failure) ? new LedgerInvariantException("a key that is taken is known to its household", failure) : failure);
                return;
            }
            else
            {
                // One request cannot be written or decided. Halving finds it; its neighbours are written on the way.
                await SettleAsync(batch[..(batch.Count / 2)]);
                batch = batch[(batch.Count / 2)..];
            }
        }
    }

    private bool IsWorthReadingAgain(DbException failure, List<LedgerRequest> batch) => _ledger.Classify(failure) switch
    {
        WriteFailure.ReadAgain => true,
        WriteFailure.KeyTaken => batch.TrueForAll(request => request.Attempts == 0),
        _ => false,
    };

    private bool IsTaken(Exception failure) => failure is DbException database && _ledger.Classify(database) == WriteFailure.KeyTaken;

    /// <summary>Reads what is stale, decides, writes, answers. Gives the requests of households that somebody else wrote meanwhile.</summary>
    private async Task<List<LedgerRequest>> AttemptAsync(List<LedgerRequest> batch)
    {
        var groups = await StatesOfAsync(batch);
        await _ids.ReserveAsync(batch.Count * EntriesPerRequestMax, CancellationToken.None);
        var today = _calendar.Today;
        foreach (var (state, requests) in groups)
        {
            foreach (var request in requests)
                request.Decide(state, today, _ids);
            state.AssertSound();
            state.Close(today);
        }

        var changing = groups.Where(group => group.State.Changes.TouchLedger).Select(group => group.State).OrderBy(state => state.Household.Bucket).ThenBy(state => state.Household.Value).ToArray();
        var evidence = batch.OfType<EvidenceRequest>().ToArray();
        var write = new LedgerBatch(
            changing,
            [
                .. groups.Where(group => !group.State.Changes.TouchLedger).SelectMany(group => group.State.Changes.Cases),
                .. evidence.Select(request => request.Fraud).OfType<FraudCase>(),
            ],
            [.. evidence.Select(request => request.Refused)]);
        var written = write.IsEmpty ? new HashSet<HouseholdId>() : await _ledger.WriteAsync(write, CancellationToken.None);

        foreach (var request in evidence)
            request.Answer();
        var outrun = new List<LedgerRequest>();
        foreach (var (state, requests) in groups)
        {
            if (state.Changes.TouchLedger && !written.Contains(state.Household))
            {
                outrun.AddRange(requests);
                continue;
            }
            if (state.Changes.TouchLedger)
                _lanes.VersionsOf(state.Household).Note(state.Household, state.Version + 1);
            requests.ForEach(request => request.Answer());
        }
        return outrun;
    }

    /// <summary>The requests by household, in the order in which they came, each household with one state that nothing was decided on yet and that is not known to be old.</summary>
    private async Task<List<(HouseholdState State, List<LedgerRequest> Requests)>> StatesOfAsync(List<LedgerRequest> batch)
    {
        var byHousehold = new Dictionary<HouseholdId, List<LedgerRequest>>(batch.Count);
        foreach (var request in batch)
        {
            if (request.Key is not { } key)
                continue;
            if (!byHousehold.TryGetValue(key.Household, out var requests))
                byHousehold.Add(key.Household, requests = new List<LedgerRequest>(1));
            requests.Add(request);
        }

        var groups = new List<(HouseholdState, List<LedgerRequest>)>(byHousehold.Count);
        var stale = new List<List<LedgerRequest>>();
        foreach (var (household, requests) in byHousehold)
        {
            var state = requests[0].ReadAhead;
            if (state is not null && state.Version >= _lanes.VersionsOf(household).Of(household) && requests.TrueForAll(request => ReferenceEquals(request.ReadAhead, state)) && state.TryTake())
                groups.Add((state, requests));
            else
                stale.Add(requests);
            requests.ForEach(request => request.ReadAhead = null);
        }
        if (stale.Count > 0)
        {
            var states = await _ledger.ReadAsync([.. stale.SelectMany(requests => requests).Select(request => request.Key!)], CancellationToken.None);
            groups.AddRange(stale.Select(requests => (states[requests[0].Key!.Household], requests)));
        }
        return groups;
    }

    private List<LedgerRequest> StillTrying(List<LedgerRequest> batch, Action<LedgerRequest> giveUp)
    {
        var trying = new List<LedgerRequest>(batch.Count);
        foreach (var request in batch)
        {
            if (++request.Attempts < _options.AttemptsMax)
                trying.Add(request);
            else
                giveUp(request);
        }
        return trying;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} is read and decided again after {Failure} {SqlState}")]
    private static partial void LogReadAgain(ILogger logger, int count, string failure, string? sqlState);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request could not be recorded")]
    private static partial void LogPoisoned(ILogger logger, Exception failure);
}
