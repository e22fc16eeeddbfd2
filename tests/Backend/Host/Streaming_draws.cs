using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Answers: as they are done, under the caller's number; refused, busy and failed ones singly, the rest goes on.
// Window: never more under way than it holds. Callers: a terminal while its certificate is in force, an aggregator for its own terminals.
// Ends: when the caller completes, falls silent, sends no message, hangs up.
public sealed class Streaming_draws : WithAHost
{
    private const string Aggregator = "delta-pay";

    private protected override Dictionary<string, string?> Settings => new() { ["Server:TerminalCallsAtOnce"] = "10000" }; // the clock stands

    [Fact]
    public async Task Are_answered_as_they_are_done_and_not_as_they_came()
    {
        var firstMayGo = new TaskCompletionSource();
        Host.Disbursements.BeforeAuthorising = (draw, _) => draw.SignedRecord!.Record.Atc.Value == 1 ? firstMayGo.Task : Task.CompletedTask;
        using var stream = Open();
        await stream.RequestStream.WriteAsync(Request(101, atc: 1));
        await stream.RequestStream.WriteAsync(Request(102, atc: 2));

        var second = await NextAsync(stream);
        firstMayGo.SetResult();
        var first = await NextAsync(stream);

        Assert.Equal([102ul, 101ul], [second.Number, first.Number]);
        Assert.All([first, second], answer => Assert.Equal("00", answer.Decided.Arc.ToStringUtf8()));
    }

    [Fact]
    public async Task Are_refused_one_by_one_and_the_stream_goes_on()
    {
        using var stream = Open();
        var spoilt = new Dictionary<string, Wire.AuthoriseStreamRequest>
        {
            ["request.signed_record"] = new() { Number = 1 },
            ["request.signed_record.record"] = Request(2),
            ["request.lines"] = Request(3),
            ["request.lines[0].quantity"] = Request(4),
        };
        spoilt["request.signed_record.record"].Request.SignedRecord.Record = ByteString.CopyFrom(new byte[130]);
        spoilt["request.lines"].Request.Lines.AddRange(Enumerable.Range(0, 500).Select(_ => Messages.Loaves(1)));
        spoilt["request.lines[0].quantity"].Request.Lines[0].Quantity = 0;
        foreach (var (field, request) in spoilt)
        {
            await stream.RequestStream.WriteAsync(request);
            var answer = await NextAsync(stream);
            Assert.Equal((request.Number, Wire.RefusalReason.Malformed, field), (answer.Number, answer.Refused.Reason, answer.Refused.Field));
        }

        await stream.RequestStream.WriteAsync(Request(5));
        Assert.NotNull((await NextAsync(stream)).Decided);
        Assert.Single(Host.Recorded.Calls);
    }

    [Fact]
    public async Task Are_told_singly_that_the_ledger_is_busy_and_when_to_come_back()
    {
        Host.Disbursements.BusyTimes = 1;
        using var stream = Open();
        await stream.RequestStream.WriteAsync(Request(1));
        var busy = await NextAsync(stream);
        await stream.RequestStream.WriteAsync(Request(1));

        Assert.Equal((Wire.RefusalReason.Busy, 25u), (busy.Refused.Reason, busy.Refused.RetryAfterMs));
        Assert.NotNull((await NextAsync(stream)).Decided);
    }

    [Fact]
    public async Task Fail_singly_and_say_nothing_of_the_cause()
    {
        Host.Disbursements.BeforeAuthorising = (draw, _) => draw.SignedRecord!.Record.Atc.Value switch
        {
            1 => throw new InvalidOperationException("a planted bug"),
            2 => throw new LedgerUnavailableException(new TimeoutException()),
            _ => Task.CompletedTask,
        };
        using var stream = Open();
        var answers = new List<Wire.AuthoriseStreamResponse>();
        foreach (ushort atc in new[] { 1, 2, 3 })
        {
            await stream.RequestStream.WriteAsync(Request(atc, atc: atc));
            answers.Add(await NextAsync(stream));
        }

        Assert.Equal([false, true], answers.Take(2).Select(answer => answer.Failed.Unavailable));
        Assert.NotNull(answers[2].Decided);
        var line = Assert.Single(Host.Log.All, line => line.Contains("a planted bug", StringComparison.Ordinal));
        Assert.Contains(answers[0].Failed.CorrelationId, line, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", answers[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_never_more_under_way_than_the_window_holds()
    {
        var (underWay, most, mayGo, windowIsFull) = (0, 0, new TaskCompletionSource(), new TaskCompletionSource());
        Host.Disbursements.BeforeAuthorising = async (_, _) =>
        {
            var now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            if (now == CallLimits.AuthoriseWindow)
                windowIsFull.TrySetResult();
            await mayGo.Task;
            Interlocked.Decrement(ref underWay);
        };
        const int Requests = CallLimits.AuthoriseWindow + 500;
        using var stream = Open();
        var writing = Task.Run(async () =>
        {
            for (var number = 1; number <= Requests; number++)
                await stream.RequestStream.WriteAsync(Request((ulong)number));
            await stream.RequestStream.CompleteAsync();
        });
        await windowIsFull.Task;
        mayGo.SetResult();
        var numbers = new HashSet<ulong>();
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            Assert.True(numbers.Add(stream.ResponseStream.Current.Number));
        await writing;

        Assert.Equal(Requests, numbers.Count);
        Assert.Equal(CallLimits.AuthoriseWindow, most);
    }

    [Fact]
    public async Task Of_an_aggregator_are_taken_for_the_terminals_that_are_with_it()
    {
        Place(HostUnderTest.Bakery, Aggregator);
        using var stream = Open(Host.ConnectAsAggregator(Aggregator));
        await stream.RequestStream.WriteAsync(Request(1));

        Assert.NotNull((await NextAsync(stream)).Decided);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task Of_an_aggregator_are_refused_for_any_other_terminal(string? aggregator)
    {
        Place(HostUnderTest.Bakery, aggregator);
        using var stream = Open(Host.ConnectAsAggregator(Aggregator));
        await stream.RequestStream.WriteAsync(Request(1));

        Assert.Equal(Wire.RefusalReason.NotYours, (await NextAsync(stream)).Refused.Reason);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Fact]
    public async Task Of_an_aggregator_are_refused_soon_after_the_terminal_was_taken_away()
    {
        Place(HostUnderTest.Bakery, Aggregator);
        using var stream = Open(Host.ConnectAsAggregator(Aggregator));
        await stream.RequestStream.WriteAsync(Request(1));
        Assert.NotNull((await NextAsync(stream)).Decided);
        Place(HostUnderTest.Bakery, null);
        Host.Clock.Advance(CallLimits.StandingKnownFor);
        await stream.RequestStream.WriteAsync(Request(2));

        Assert.Equal(Wire.RefusalReason.NotYours, (await NextAsync(stream)).Refused.Reason);
    }

    [Fact]
    public async Task Of_a_terminal_are_refused_soon_after_its_certificate_was_superseded()
    {
        using var stream = Open();
        await stream.RequestStream.WriteAsync(Request(1));
        Assert.NotNull((await NextAsync(stream)).Decided);
        Host.Enrol(HostUnderTest.Bakery);
        Host.Clock.Advance(CallLimits.StandingKnownFor);
        await stream.RequestStream.WriteAsync(Request(2));

        Assert.Equal(Wire.RefusalReason.CertificateRevoked, (await NextAsync(stream)).Refused.Reason);
    }

    [Fact]
    public async Task Of_an_aggregator_may_be_reversed_by_it_and_by_no_other()
    {
        Place(HostUnderTest.Bakery, Aggregator);

        Assert.Equal(Wire.ReversalResult.Undone, (await ReverseAsync(Aggregator)).Result);
        var (refusal, _) = await HostUnderTest.RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.NotYours, () => ReverseAsync("another"));
        Assert.Equal("signed_record.record", refusal.Field);
        Assert.Single(Host.Recorded.Calls);

        Task<Wire.ReverseResponse> ReverseAsync(string aggregator) =>
            new Wire.Disbursements.DisbursementsClient(Host.ConnectAsAggregator(aggregator)).ReverseAsync(Messages.Reverse()).ResponseAsync;
    }

    [Fact]
    public async Task Are_not_staffs_and_an_aggregator_has_no_other_method()
    {
        await HostUnderTest.RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, async () =>
        {
            using var stream = Open(Host.ConnectAsStaff(StaffRoles.Issuance | StaffRoles.Reconciliation));
            await NextAsync(stream);
        });
        await HostUnderTest.RefusedAsync(
            StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing,
            () => new Wire.Disbursements.DisbursementsClient(Host.ConnectAsAggregator(Aggregator)).AuthoriseAsync(Messages.Authorise()).ResponseAsync);
    }

    [Fact]
    public async Task Are_answered_to_the_last_when_the_caller_completes_and_when_it_falls_silent()
    {
        using var completed = Open();
        await completed.RequestStream.WriteAsync(Request(1));
        await completed.RequestStream.CompleteAsync();
        Assert.NotNull((await NextAsync(completed)).Decided);
        Assert.False(await completed.ResponseStream.MoveNext(CancellationToken.None));

        using var silent = Open();
        await silent.RequestStream.WriteAsync(Request(1));
        Assert.NotNull((await NextAsync(silent)).Decided);
        await Host.Clock.WhenSomebodyWaitsFor(CallLimits.AuthoriseStream.Idle);
        Host.Clock.Advance(CallLimits.AuthoriseStream.Idle);
        await HostUnderTest.RefusedAsync(StatusCode.DeadlineExceeded, Wire.RefusalReason.Idle, () => NextAsync(silent));
    }

    [Fact]
    public async Task End_at_bytes_that_are_no_message_for_nobody_knows_whom_to_answer()
    {
        var bytes = Marshallers.Create<byte[]>((content, to) => to.Complete(content), from => from.PayloadAsNewBuffer());
        var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "subsidy.v1.Disbursements", "AuthoriseStream", bytes, bytes);
        using var stream = Host.ConnectAs(HostUnderTest.Bakery).AsyncDuplexStreamingCall(method, null, default);
        await stream.RequestStream.WriteAsync(Request(1).ToByteArray());
        await stream.RequestStream.WriteAsync([0x0A, 0xFF, 0xFF, 0xFF, 0x7F, 0x01]);

        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        await HostUnderTest.RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Of_a_caller_who_hangs_up_are_no_bug()
    {
        var (begun, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        Host.Disbursements.BeforeAuthorising = async (_, cancellation) =>
        {
            await using var registration = cancellation.Register(gone.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        };
        using (var stream = Open())
        {
            await stream.RequestStream.WriteAsync(Request(1));
            await begun.Task;
        }
        await gone.Task;
        await Host.StopAsync(); // waits for the call's end

        Assert.DoesNotContain(Host.Log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private AsyncDuplexStreamingCall<Wire.AuthoriseStreamRequest, Wire.AuthoriseStreamResponse> Open(CallInvoker? connection = null) =>
        new Wire.Disbursements.DisbursementsClient(connection ?? Host.ConnectAs(HostUnderTest.Bakery)).AuthoriseStream();

    private void Place(TerminalId terminal, string? aggregator)
    {
        if (Host.Merchants.Terminals[terminal].State != TerminalState.Enrolled)
            Host.Enrol(terminal).Dispose();
        Host.Merchants.Terminals[terminal] = Host.Merchants.Terminals[terminal] with { Aggregator = aggregator };
    }

    private static Wire.AuthoriseStreamRequest Request(ulong number, ushort atc = 7) => new()
    {
        Number = number,
        Request = new Wire.AuthoriseRequest { SignedRecord = Messages.Present(FakeCards.Known, atc).SignedRecord, Lines = { Messages.Loaves(20) } },
    };

    private static async Task<Wire.AuthoriseStreamResponse> NextAsync(AsyncDuplexStreamingCall<Wire.AuthoriseStreamRequest, Wire.AuthoriseStreamResponse> stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        return stream.ResponseStream.Current;
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var before = Volatile.Read(ref most); now > before; before = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, now, before);
    }
}
