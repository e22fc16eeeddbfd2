using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// Requests that wait for a writer, in lanes by their bucket. A lane is one writer's at a time, so the draws of a household are decided one after another, whoever writes
/// them. Where little waits one writer is at work, for small batches side by side would only mean more of them; another begins where enough waits to be worth it.
/// </summary>
internal sealed class LedgerLanes : IDisposable
{
    /// <summary>So many that a full batch leaves most of them to the other writers.</summary>
    private const int Count = 64;

    private readonly Lock _changing = new();
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Count).Select(_ => new Lane())];
    private readonly int _batchMax;
    private readonly int _worthAnotherWriter;
    private readonly SemaphoreSlim _room;

    // All below belong to whoever holds _changing. Lanes that have requests and no writer, those first that came first; and how many requests that is.
    private readonly Queue<Lane> _waiting = new();
    private int _requestsWaiting;

    // Who rested last is called first: its connection is warm. A writer is awake from its call until it gives its turn back.
    private readonly Stack<TaskCompletionSource> _resting = new();
    private int _writersAwake;
    private bool _isClosed;

    /// <param name="queueMax">Requests that may wait, in all lanes together.</param>
    /// <param name="batchMax">Requests of one turn at most.</param>
    public LedgerLanes(int queueMax, int batchMax)
    {
        _batchMax = batchMax;
        _worthAnotherWriter = Math.Max(1, batchMax / 8);
        _room = new SemaphoreSlim(queueMax);
    }

    private bool IsTurnWorthTaking => _requestsWaiting > 0 && (_writersAwake == 0 || _requestsWaiting >= _worthAnotherWriter || _isClosed);

    /// <summary>False where as many wait as may, or where the lanes are closed.</summary>
    public bool TryEnqueue(LedgerRequest request, short bucket) => _room.Wait(TimeSpan.Zero) && TryAdd(request, bucket);

    /// <summary>Waits for room; for bulk work that has no caller to turn away.</summary>
    public async Task EnqueueAsync(LedgerRequest request, short bucket, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        ObjectDisposedException.ThrowIf(!TryAdd(request, bucket), this);
    }

    /// <summary>Waits until a turn is worth taking, and takes it. To be disposed when its requests are answered; null when the lanes are closed and empty.</summary>
    public async Task<LaneTurn?> TakeTurnAsync()
    {
        while (await IsCalledAsync())
        {
            // Who is about to come goes first: under load more share the round trip, and where nobody waits it costs nothing.
            await Task.Yield();
            if (Take() is { } turn)
                return turn;
        }
        return null;
    }

    /// <summary>Takes nothing more. What waits is still answered.</summary>
    public void Close()
    {
        lock (_changing)
        {
            _isClosed = true;
            while (_resting.Count > 0)
                CallOne();
        }
    }

    /// <summary>What was lately written of the households of a lane, for the writer whose lane it is.</summary>
    public RecentVersions VersionsOf(HouseholdId household) => LaneOf(household.Bucket).Versions;

    public void Dispose() => _room.Dispose();

    internal void GiveBack(LaneTurn turn)
    {
        lock (_changing)
        {
            foreach (var lane in turn.Lanes)
            {
                lane.IsTaken = false;
                if (lane.Requests.Count > 0)
                    AddToWaiting(lane);
            }
            _writersAwake--;
        }
    }

    private Lane LaneOf(short bucket) => _lanes[bucket * Count / HouseholdId.Buckets];

    private bool TryAdd(LedgerRequest request, short bucket)
    {
        lock (_changing)
        {
            if (_isClosed)
                return false;
            var lane = LaneOf(bucket);
            lane.Requests.Enqueue(request);
            if (lane.IsTaken)
                return true;
            if (lane.Requests.Count == 1)
                AddToWaiting(lane);
            else
                _requestsWaiting++;
            CallWhereWorthIt();
            return true;
        }
    }

    private void AddToWaiting(Lane lane)
    {
        _waiting.Enqueue(lane);
        _requestsWaiting += lane.Requests.Count;
    }

    private void CallWhereWorthIt()
    {
        if (IsTurnWorthTaking && _resting.Count > 0)
            CallOne();
    }

    private void CallOne()
    {
        _writersAwake++;
        _resting.Pop().SetResult();
    }

    /// <summary>False when nothing will ever wait again.</summary>
    private async Task<bool> IsCalledAsync()
    {
        TaskCompletionSource call;
        lock (_changing)
        {
            if (IsTurnWorthTaking)
            {
                _writersAwake++;
                return true;
            }
            if (_isClosed)
                return false;
            call = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _resting.Push(call);
        }
        await call.Task;
        return true;
    }

    private LaneTurn? Take()
    {
        lock (_changing)
        {
            var lanes = new List<Lane>();
            var requests = new List<LedgerRequest>(Math.Min(_requestsWaiting, _batchMax));
            while (requests.Count < _batchMax && _waiting.TryDequeue(out var lane))
            {
                _requestsWaiting -= lane.Requests.Count;
                lane.IsTaken = true;
                lanes.Add(lane);
                while (requests.Count < _batchMax && lane.Requests.TryDequeue(out var request))
                    requests.Add(request);
            }
            if (requests.Count == 0)
            {
                _writersAwake--;
                return null;
            }
            _room.Release(requests.Count);
            CallWhereWorthIt();
            return new LaneTurn(this, lanes, requests);
        }
    }
}

/// <summary>Some of the buckets: the requests of their households in the order in which they came, and what was lately written of them.</summary>
internal sealed class Lane
{
    public Queue<LedgerRequest> Requests { get; } = new();

    public RecentVersions Versions { get; } = new();

    /// <summary>A writer has requests of this lane; what came since waits for its return.</summary>
    public bool IsTaken { get; set; }
}

/// <summary>A writer's turn: the lanes that are its own until it gives them back by disposing, and what it took out of them.</summary>
internal sealed class LaneTurn(LedgerLanes owner, IReadOnlyList<Lane> lanes, List<LedgerRequest> requests) : IDisposable
{
    public IReadOnlyList<Lane> Lanes { get; } = lanes;

    public List<LedgerRequest> Requests { get; } = requests;

    public void Dispose() => owner.GiveBack(this);
}
