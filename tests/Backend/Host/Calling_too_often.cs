using Grpc.Core;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Hosting;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Five calls at once, ten a second: the sixth is told when to come back; other terminals notice nothing; a draw on a stream counts like a call.
public sealed class Calling_too_often : WithAHost
{
    private protected override Dictionary<string, string?> Settings => new() { ["Server:TerminalCallsPerSecond"] = "10", ["Server:TerminalCallsAtOnce"] = "5" };

    [Fact]
    public async Task Is_refused_with_when_to_come_back_and_then_taken()
    {
        var client = Client(HostUnderTest.Bakery);
        await CallAsync(client, times: 5);

        var (refusal, exception) = await TooOftenAsync(() => CallAsync(client, times: 1));
        Assert.Equal(("100", 100u), (exception.Trailers.GetValue("retry-after-ms"), refusal.RetryAfterMs));
        Host.Clock.Advance(TimeSpan.FromMilliseconds(99));
        await TooOftenAsync(() => CallAsync(client, times: 1));
        Host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await CallAsync(client, times: 1);
        await TooOftenAsync(() => CallAsync(client, times: 1));
    }

    [Fact]
    public async Task Takes_nothing_from_other_terminals()
    {
        var (flooding, other) = (Client(HostUnderTest.Bakery), Client(HostUnderTest.OtherBakery));
        await CallAsync(flooding, times: 5);
        for (var more = 0; more < 200; more++)
            await TooOftenAsync(() => CallAsync(flooding, times: 1));

        await CallAsync(other, times: 5);
        Assert.Equal(10, Host.Recorded.Calls.Count);
    }

    [Fact]
    public async Task Is_refused_draw_by_draw_on_a_stream_that_goes_on()
    {
        using var stream = Client(HostUnderTest.Bakery).AuthoriseStream(); // the first call
        for (ulong number = 1; number <= 5; number++)
            await stream.RequestStream.WriteAsync(new Wire.AuthoriseStreamRequest { Number = number, Request = Messages.Authorise() });
        var answers = new List<Wire.AuthoriseStreamResponse>();
        for (var count = 0; count < 5; count++)
        {
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
            answers.Add(stream.ResponseStream.Current);
        }

        Assert.Equal(4, answers.Count(answer => answer.Decided is not null));
        var refused = Assert.Single(answers, answer => answer.Refused is not null);
        Assert.Equal((Wire.RefusalReason.TooOften, 100u), (refused.Refused.Reason, refused.Refused.RetryAfterMs));
        Host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        await stream.RequestStream.WriteAsync(new Wire.AuthoriseStreamRequest { Number = 6, Request = Messages.Authorise() });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.NotNull(stream.ResponseStream.Current.Decided);
    }

    [Fact]
    public void Is_not_what_a_thousand_callers_at_once_can_do_more_often_than_one()
    {
        var rates = new CallRates(Options.Create(new ServerOptions { TerminalCallsPerSecond = 10, TerminalCallsAtOnce = 50 }), new FakeClock(DateTimeOffset.UnixEpoch));
        var taken = 0;

        Parallel.For(0, 1_000, _ =>
        {
            if (rates.TakeFor(HostUnderTest.Bakery) == 0)
                Interlocked.Increment(ref taken);
        });

        Assert.Equal(50, taken);
    }

    [Fact]
    public void Of_a_terminal_is_forgotten_once_its_bucket_is_full_again_and_no_earlier()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        var rates = new CallRates(Options.Create(new ServerOptions { TerminalCallsPerSecond = 1, TerminalCallsAtOnce = 2 }), clock);
        for (var number = 0; number < 100_000; number++)
            Assert.Equal(0, rates.TakeFor(TerminalId.Parse($"T{number:D7}")));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, rates.TakeFor(TerminalId.Parse("ANOTHER1")));

        Assert.Equal(1, rates.Kept);
        Assert.Equal([0, 1_000], new[] { rates.TakeFor(TerminalId.Parse("ANOTHER1")), rates.TakeFor(TerminalId.Parse("ANOTHER1")) });
    }

    private Wire.Disbursements.DisbursementsClient Client(TerminalId terminal) => new(Host.ConnectAs(terminal));

    private static async Task CallAsync(Wire.Disbursements.DisbursementsClient client, int times)
    {
        for (var call = 0; call < times; call++)
            await client.ReverseAsync(Messages.Reverse());
    }

    private static Task<(Wire.Refusal Refusal, RpcException Exception)> TooOftenAsync(Func<Task> call) =>
        HostUnderTest.RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooOften, call);
}
