using Grpc.Core;

namespace SmartCard.StandIns.Tests.Grpc;

// The real Grpc.AspNetCore.Server and Grpc.Net.Client, bound to the stand-ins of Grpc.Core.Api and Grpc.Net.Common:
//   the four kinds of call; status, message and trailers of a refusal; what a server did not implement;
//   deadline; cancellation before and during a call; headers both ways, binary entries; interceptor; message limit.
public sealed class GrpcPackagesOverTheStandIns(EchoServer server) : IClassFixture<EchoServer>
{
    private readonly Echo.EchoClient _client = server.Client;

    [Fact]
    public async Task A_unary_call_returns_its_answer()
    {
        var answer = await _client.SayAsync(new Line { Text = "خبز" });

        Assert.Equal("خبز", answer.Text);
    }

    [Fact]
    public void A_blocking_unary_call_returns_its_answer()
    {
        Assert.Equal("bread", _client.Say(new Line { Text = "bread" }).Text);
    }

    [Fact]
    public async Task A_server_stream_arrives_in_order_and_ends()
    {
        using var call = _client.Repeat(new Line { Text = "loaf", Times = 3 });

        Assert.Equal(["loaf 1", "loaf 2", "loaf 3"], await Texts(call.ResponseStream));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_client_stream_is_answered_once_it_is_complete()
    {
        using var call = _client.Join();
        await call.RequestStream.WriteAsync(new Line { Text = "one" });
        await call.RequestStream.WriteAsync(new Line { Text = "tap" });
        await call.RequestStream.CompleteAsync();

        Assert.Equal("one tap", (await call).Text);
    }

    [Fact]
    public async Task A_duplex_stream_answers_each_line_before_the_next_is_sent()
    {
        using var call = _client.Chat();
        foreach (var text in new[] { "oil", "sugar" })
        {
            await call.RequestStream.WriteAsync(new Line { Text = text });
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal($"re: {text}", call.ResponseStream.Current.Text);
        }
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task A_refusal_brings_its_status_and_its_trailers()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => _client.SayAsync(new Line { Text = "!refuse" }).ResponseAsync);

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Equal("not today", refusal.Status.Detail);
        Assert.Equal("holiday", refusal.Trailers.GetValue("reason"));
        Assert.Equal([0x00, 0xFF], refusal.Trailers.GetValueBytes("evidence-bin"));
    }

    [Fact]
    public async Task A_deadline_ends_a_call_that_hangs()
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(50);

        var late = await Assert.ThrowsAsync<RpcException>(() => _client.SayAsync(new Line { Text = "!hang" }, deadline: deadline).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }

    [Fact]
    public async Task A_call_cancelled_beforehand_is_not_made()
    {
        var cancelled = await Assert.ThrowsAsync<RpcException>(
            () => _client.SayAsync(new Line { Text = "bread" }, cancellationToken: new CancellationToken(canceled: true)).ResponseAsync);

        Assert.Equal(StatusCode.Cancelled, cancelled.StatusCode);
    }

    [Fact]
    public async Task The_server_sees_that_a_client_stopped_listening()
    {
        using (var call = _client.Repeat(new Line { Text = "loaf" }))
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }

        await server.Service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Headers_travel_both_ways()
    {
        using var call = _client.SayAsync(new Line { Text = "!headers" }, new Metadata { { "Greeting", "salaam" } });

        var headers = await call.ResponseHeadersAsync;

        Assert.Equal("salaam", headers.GetValue("greeting"));
    }

    [Fact]
    public async Task An_interceptor_stands_before_the_method()
    {
        using var call = _client.SayAsync(new Line { Text = "bread" });
        await call;

        Assert.Equal("/smartcard.standins.tests.Echo/Say", call.GetTrailers().GetValue("intercepted"));
    }

    [Fact]
    public async Task A_message_over_the_servers_limit_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(
            () => _client.SayAsync(new Line { Text = new string('x', 64 * 1024) }).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
    }

    private static async Task<List<string>> Texts(IAsyncStreamReader<Line> stream)
    {
        var texts = new List<string>();
        await foreach (var line in stream.ReadAllAsync())
        {
            texts.Add(line.Text);
        }
        return texts;
    }
}
