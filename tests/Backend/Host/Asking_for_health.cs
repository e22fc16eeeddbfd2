using Grpc.Core;
using SmartCard.Protocol.Grpc.Health.V1;

namespace SmartCard.Backend.Tests.Host;

public sealed class Asking_for_health : WithAHost
{
    [Theory]
    [InlineData("")]
    [InlineData("subsidy.v1.Disbursements")]
    [InlineData("grpc.health.v1.Health")]
    public async Task Needs_no_certificate(string service)
    {
        var answer = await Client().CheckAsync(new HealthCheckRequest { Service = service });

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
    }

    [Fact]
    public async Task Does_not_know_a_service_that_is_not_served()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => Client().CheckAsync(new HealthCheckRequest { Service = "subsidy.v1.Casino" }).ResponseAsync);

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Watches_the_database_go_and_come_back()
    {
        using var watch = Client().Watch(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await NextAsync(watch));

        Host.Database.IsDown = true;
        Host.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await NextAsync(watch));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await Client().CheckAsync(new HealthCheckRequest())).Status);

        Host.Database.IsDown = false;
        Host.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task Calls_a_database_that_does_not_answer_in_time_down()
    {
        using var watch = Client().Watch(new HealthCheckRequest());
        await NextAsync(watch);

        Host.Database.IsSilent = true;
        Host.Clock.Advance(TimeSpan.FromSeconds(5));
        await Host.Clock.WhenSomebodyWaitsFor(TimeSpan.FromSeconds(2));
        Host.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await NextAsync(watch));
    }

    [Fact]
    public async Task Watches_an_unknown_service_as_unknown()
    {
        using var watch = Client().Watch(new HealthCheckRequest { Service = "subsidy.v1.Casino" });

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.ServiceUnknown, await NextAsync(watch));
    }

    private Health.HealthClient Client() => new(Host.Connect());

    private static async Task<HealthCheckResponse.Types.ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        return watch.ResponseStream.Current.Status;
    }
}
