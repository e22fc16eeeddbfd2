using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// The writers of this process, the lanes in which requests wait for them, and the one who reads ahead for all.
/// </summary>
internal sealed class LedgerPath : IAsyncDisposable
{
    private readonly LedgerLanes _lanes;
    private readonly LedgerWriter[] _writers;
    private readonly ILedgerConnection _ahead;
    private readonly BatchedLookup<LedgerKey, HouseholdState> _reading;
    private readonly SemaphoreSlim _free;

    public LedgerPath(IDbConnectionFactory database, IOptions<LedgerOptions> options, BusinessCalendar calendar, TimeProvider time, ILogger<LedgerPath> logger)
        : this(StoreOver(database), options.Value, calendar, time, TaskScheduler.Default, logger)
    {
    }

    /// <param name="loops">Where the loops run: the thread pool, or a simulation's own turns.</param>
    internal LedgerPath(ILedgerStore store, LedgerOptions options, BusinessCalendar calendar, TimeProvider time, TaskScheduler loops, ILogger logger)
    {
        (Options, Store, Time, Loops) = (options, store, time, loops);
        _free = new SemaphoreSlim(Options.InFlightMax);
        _ahead = store.Open();
        _reading = new(ReadAsync, Options.InFlightMax, loops);
        _lanes = new LedgerLanes(Options.QueueMax, Options.BatchMax);
        _writers = [.. Enumerable.Range(0, Math.Min(Options.Writers, Store.WritersMax))
            .Select(_ => new LedgerWriter(_lanes, Store, Options, calendar, time, loops, logger))];
    }

    public static ILedgerStore StoreOver(IDbConnectionFactory database) =>
        database.Provider == DatabaseProvider.Postgres ? new PostgresLedgerStore(database) : new SqliteLedgerStore(database);

    public LedgerOptions Options { get; }

    public TaskScheduler Loops { get; }

    public ILedgerStore Store { get; }

    public TimeProvider Time { get; }

    /// <summary>Somebody waits for an answer of this process at this moment.</summary>
    public bool HasDrawsUnderWay => _free.CurrentCount < Options.InFlightMax;

    /// <summary>A place among the draws on their way, to be given back by disposing; null where all are taken.</summary>
    public IDisposable? TryEnter() => _free.Wait(TimeSpan.Zero) ? new Place(_free) : null;

    /// <summary>
    /// What the ledger knows about a household now, for a request that is about to be asked; a caller who has something else to find out begins with this. Null
    /// where it could not be read, which is no loss: the writer reads for itself, and answers for what goes wrong.
    /// </summary>
    public async Task<HouseholdState?> ReadAheadAsync(LedgerKey key)
    {
        var reading = _reading.FindAsync(key, CancellationToken.None);
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return reading.IsCompletedSuccessfully ? await reading : null;
    }

    /// <summary>The answer after commit; null where the queue is full, now or after too many attempts: nothing was recorded.</summary>
    public async Task<TAnswer?> AskAsync<TAnswer>(LedgerRequest<TAnswer> request, short bucket, CancellationToken cancellation)
        where TAnswer : class
    {
        if (request.Key is { } key)
            request.ReadAhead ??= await ReadAheadAsync(key);
        // Who stops waiting does not stop the request: it is answered into the void, and again when it comes again.
        return _lanes.TryEnqueue(request, bucket) ? await request.AnswerAsync.WaitAsync(cancellation) : null;
    }

    /// <summary>The same for bulk work, which waits for room. Nothing is read ahead of a wait: it would be old after it, and the writer reads for a whole batch.</summary>
    public async Task<TAnswer?> AskPatientlyAsync<TAnswer>(LedgerRequest<TAnswer> request, short bucket, CancellationToken cancellation)
        where TAnswer : class
    {
        await _lanes.EnqueueAsync(request, bucket, cancellation);
        return await request.AnswerAsync.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
        await _ahead.DisposeAsync();
        _lanes.Close();
        foreach (var writer in _writers)
            await writer.DisposeAsync();
        _lanes.Dispose();
        _free.Dispose();
    }

    private async Task<IReadOnlyDictionary<LedgerKey, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys)
    {
        var states = await _ahead.ReadAsync(keys, CancellationToken.None);
        var byKey = new Dictionary<LedgerKey, HouseholdState>(keys.Count);
        foreach (var key in keys)
            byKey.Add(key, states[key.Household]);
        return byKey;
    }

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        private SemaphoreSlim? _free = free;

        public void Dispose() => Interlocked.Exchange(ref _free, null)?.Release();
    }
}
