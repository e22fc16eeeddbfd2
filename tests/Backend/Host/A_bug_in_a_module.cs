using Grpc.Core;
using Microsoft.Extensions.Logging;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

public sealed class A_bug_in_a_module : WithAHost
{
    [Fact]
    public async Task Reaches_the_caller_as_an_id_and_the_log_in_full()
    {
        var client = new Wire.Disbursements.DisbursementsClient(Host.ConnectAs(HostUnderTest.Bakery));
        Host.Merchants.Bug = new InvalidOperationException("balance below zero");

        var exception = await Assert.ThrowsAsync<RpcException>(() => client.AuthoriseAsync(Messages.Authorise()).ResponseAsync);

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
        Assert.DoesNotContain("balance", exception.Status.Detail, StringComparison.Ordinal);
        var id = exception.Trailers.GetValue("subsidy-correlation-id");
        Assert.NotNull(id);
        Assert.Contains(Host.Log.All, line => line.Contains(id, StringComparison.Ordinal) && line.Contains("balance below zero", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Is_told_apart_from_a_database_that_is_away()
    {
        var client = new Wire.Disbursements.DisbursementsClient(Host.ConnectAs(HostUnderTest.Bakery));
        Host.Merchants.Bug = new Npgsql.NpgsqlException("connection refused");

        var exception = await Assert.ThrowsAsync<RpcException>(() => client.AuthoriseAsync(Messages.Authorise()).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.NotNull(exception.Trailers.GetValue("subsidy-correlation-id"));
    }

    [Fact]
    public async Task Is_not_what_a_caller_who_hangs_up_causes()
    {
        var client = new Wire.Disbursements.DisbursementsClient(Host.ConnectAs(HostUnderTest.Bakery));
        using (var present = client.Present())
        {
            await present.RequestStream.WriteAsync(Messages.Present());
            Assert.True(await present.ResponseStream.MoveNext(CancellationToken.None));
        }
        await client.AuthoriseAsync(Messages.Authorise());

        Assert.DoesNotContain(Host.Log.All, line => line.StartsWith(nameof(LogLevel.Error), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nor_is_any_card_number_in_the_log()
    {
        var client = new Wire.Disbursements.DisbursementsClient(Host.ConnectAs(HostUnderTest.Bakery));
        await client.InquireAsync(new Wire.InquireRequest { CardNumber = FakeCards.Known.FullDigits });
        await Assert.ThrowsAsync<RpcException>(() => client.InquireAsync(new Wire.InquireRequest { CardNumber = FakeCards.Known.FullDigits + "1" }).ResponseAsync);

        Assert.NotEmpty(Host.Log.All);
        Assert.DoesNotContain(Host.Log.All, line => line.Contains(FakeCards.Known.FullDigits, StringComparison.Ordinal));
    }
}
