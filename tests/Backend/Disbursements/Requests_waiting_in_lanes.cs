using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;

namespace SmartCard.Backend.Tests.Disbursements;

public sealed class Requests_waiting_in_lanes : IDisposable
{
    private const int QueueMax = 100;
    private const int BatchMax = 32;

    /// <summary>An eighth of a batch.</summary>
    private const int WorthAnotherWriter = 4;

    /// <summary>Buckets far enough apart to be in different lanes.</summary>
    private const short Here = 0, There = 500, Elsewhere = 1_000;

    private readonly LedgerLanes _lanes = new(QueueMax, BatchMax);

    public void Dispose() => _lanes.Dispose();

    [Fact]
    public async Task Are_a_writers_who_rested_as_soon_as_the_first_comes()
    {
        var taking = _lanes.TakeTurnAsync();
        Assert.False(taking.IsCompleted);

        var request = Enqueue(Here);

        using var turn = await taking;
        Assert.Equal([request], turn!.Requests);
    }

    [Fact]
    public async Task Of_one_household_are_one_writers_at_a_time_and_in_their_order()
    {
        var first = Enqueue(Here);
        var turn = await _lanes.TakeTurnAsync();
        var next = Enumerable.Range(0, BatchMax + 1).Select(_ => Enqueue(Here)).ToArray();
        var other = _lanes.TakeTurnAsync();

        // A second writer would be worth it, but what waits is in the lane that is taken.
        Assert.False(other.IsCompleted);
        Assert.Equal([first], turn!.Requests);
        turn.Dispose();

        using var following = await _lanes.TakeTurnAsync();
        Assert.Equal(next[..BatchMax], following!.Requests);
    }

    [Fact]
    public async Task Are_left_to_the_writer_who_is_at_work_until_another_is_worth_it()
    {
        Enqueue(Here);
        using var turn = await _lanes.TakeTurnAsync();
        var second = _lanes.TakeTurnAsync();

        var waiting = Enumerable.Range(0, WorthAnotherWriter - 1).Select(_ => Enqueue(There)).ToList();
        Assert.False(second.IsCompleted);
        waiting.Add(Enqueue(Elsewhere));

        using var beside = await second;
        Assert.Equal(waiting, beside!.Requests);
    }

    [Fact]
    public async Task Are_the_next_batch_of_the_writer_who_returns()
    {
        Enqueue(Here);
        var turn = await _lanes.TakeTurnAsync();
        var (there, here) = (Enqueue(There), Enqueue(Here));

        turn!.Dispose();

        using var next = await _lanes.TakeTurnAsync();
        Assert.Equal([there, here], next!.Requests);
    }

    [Fact]
    public async Task Call_a_second_writer_for_what_the_first_leaves()
    {
        Enqueue(Here);
        Enqueue(There);
        var turn = await _lanes.TakeTurnAsync();
        var resting = _lanes.TakeTurnAsync();
        foreach (var bucket in new[] { Here, There })
        {
            for (var number = 0; number < BatchMax; number++)
                Enqueue(bucket);
        }
        turn!.Dispose();

        using var first = await _lanes.TakeTurnAsync();
        using var second = await resting;

        Assert.Equal((BatchMax, BatchMax), (first!.Requests.Count, second!.Requests.Count));
    }

    [Fact]
    public async Task Are_as_many_as_may_wait_and_no_more_until_some_are_taken()
    {
        for (var number = 0; number < QueueMax; number++)
            Enqueue(Here);
        Assert.False(_lanes.TryEnqueue(new Waiting(), There));
        var patient = _lanes.EnqueueAsync(new Waiting(), There, CancellationToken.None);
        Assert.False(patient.IsCompleted);

        using var turn = await _lanes.TakeTurnAsync();

        await patient;
        Assert.True(_lanes.TryEnqueue(new Waiting(), There));
    }

    [Fact]
    public async Task Are_answered_after_closing_and_nothing_comes_to_them()
    {
        var (here, there) = (Enqueue(Here), Enqueue(There));
        using var turn = await _lanes.TakeTurnAsync();
        var left = Enqueue(Here);
        var resting = _lanes.TakeTurnAsync();

        _lanes.Close();

        Assert.False(_lanes.TryEnqueue(new Waiting(), There));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _lanes.EnqueueAsync(new Waiting(), There, CancellationToken.None));
        Assert.Null(await resting);
        Assert.Equal([here, there], turn!.Requests);
        turn.Dispose();
        using var last = await _lanes.TakeTurnAsync();
        Assert.Equal([left], last!.Requests);
        last.Dispose();
        Assert.Null(await _lanes.TakeTurnAsync());
    }

    private Waiting Enqueue(short bucket)
    {
        var request = new Waiting();
        Assert.True(_lanes.TryEnqueue(request, bucket));
        return request;
    }

    private sealed class Waiting : LedgerRequest
    {
        public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids)
        {
        }

        public override void Answer()
        {
        }

        public override void GiveUp()
        {
        }

        public override void Fail(Exception failure)
        {
        }
    }
}
