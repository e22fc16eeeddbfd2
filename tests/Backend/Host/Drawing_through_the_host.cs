using Grpc.Core;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

public sealed class Drawing_through_the_host : WithAHost
{
    [Fact]
    public async Task Answers_with_the_ledgers_own_bytes()
    {
        var response = await Client().AuthoriseAsync(Messages.Authorise());

        Assert.Equal(1, response.Outcome.Approved.DisbursementId);
        Assert.Equal("00", response.Arc.ToStringUtf8());
        Assert.Equal(8, response.Arpc.Length);
        Assert.Single(response.IssuerScripts);
    }

    [Fact]
    public async Task Shows_what_is_left_and_whose_card_it_is()
    {
        var response = await Client().InquireAsync(new Wire.InquireRequest { CardNumber = FakeCards.Known.FullDigits });

        Assert.Equal(Wire.CardStanding.Active, response.Standing);
        Assert.Equal("أمينة ع.", response.HolderDisplay);
        var balance = Assert.Single(response.Balances);
        Assert.Equal((600, 100, 40, 20, 15), (balance.Limit, balance.Consumed, balance.Lent, balance.AvailableNow, balance.FromAllowanceNow));
    }

    [Fact]
    public async Task Acknowledges_a_reversal_under_the_key_that_parameters_give()
    {
        var connection = Host.ConnectAs(HostUnderTest.Bakery);
        var response = await new Wire.Disbursements.DisbursementsClient(connection).ReverseAsync(Messages.Reverse());
        var parameters = await new Wire.Terminals.TerminalsClient(connection).GetParametersAsync(new Wire.GetParametersRequest());

        var expected = Acknowledgement.Reversed(Record(), (ushort)response.Result);
        Assert.True(EcPublicKey.FromPoint(parameters.AcknowledgementPublicKey.Span).Verify(expected.Encode(), response.Acknowledgement.Span));
    }

    [Fact]
    public async Task Tells_what_a_refund_takes_off_and_why_one_is_refused()
    {
        var client = Client();
        var request = Messages.Refund();
        var recorded = await client.RefundAsync(request);
        request.Lines.Add(Messages.Loaves(1));
        var refused = await client.RefundAsync(request);

        Assert.Equal((Wire.RefundResult.Recorded, 9, 820, 100), (recorded.Result, recorded.RefundEntry, recorded.SubsidyMinor, recorded.CitizenGetsMinor));
        Assert.Equal((Wire.RefundResult.BeyondDraw, 0), (refused.Result, refused.RefundEntry));
    }

    [Fact]
    public async Task Answers_presented_records_one_by_one_in_order()
    {
        using var present = Client().Present();
        for (var count = 0; count < 3; count++)
        {
            await present.RequestStream.WriteAsync(Messages.Present());
            Assert.True(await present.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(Wire.Outcome.ResultOneofCase.Approved, present.ResponseStream.Current.Outcome.ResultCase);
            Assert.True(IsAcknowledged(Acknowledgement.Presented(Record(), 0), present.ResponseStream.Current));
        }
        await present.RequestStream.CompleteAsync();

        Assert.False(await present.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Decides_presented_records_of_several_cards_at_once_and_those_of_one_card_in_turn()
    {
        var (first, second) = (FakeCards.Known, CardNumber.FromPayload(622_818_000_000_002));
        var (firstWaits, decided) = (new TaskCompletionSource(), new System.Collections.Concurrent.ConcurrentQueue<(CardNumber, ushort)>());
        var secondIsThrough = new TaskCompletionSource();
        Host.Disbursements.BeforePresenting = async draw =>
        {
            var record = draw.SignedRecord!.Record;
            if (record.Card == first && record.Atc.Value == 1)
                await firstWaits.Task;
            decided.Enqueue((record.Card, record.Atc.Value));
            if (record.Card == second)
                secondIsThrough.SetResult();
        };
        using var present = Client().Present();
        foreach (var request in new[] { Messages.Present(first, 1), Messages.Present(first, 2), Messages.Present(second, 1) })
            await present.RequestStream.WriteAsync(request);
        await present.RequestStream.CompleteAsync();
        await secondIsThrough.Task;
        firstWaits.SetResult();
        var answers = 0;
        while (await present.ResponseStream.MoveNext(CancellationToken.None))
            answers++;

        Assert.Equal(3, answers);
        Assert.Equal([(second, 1), (first, 1), (first, 2)], decided.Select(one => (one.Item1, (int)one.Item2)));
    }

    [Fact]
    public async Task Answers_what_came_before_a_record_that_it_refuses()
    {
        var broken = Messages.Present();
        broken.SignedRecord.Signature = Google.Protobuf.ByteString.Empty;
        using var present = Client().Present();
        await present.RequestStream.WriteAsync(Messages.Present());
        await present.RequestStream.WriteAsync(broken);

        Assert.True(await present.ResponseStream.MoveNext(CancellationToken.None));
        var (refusal, _) = await HostUnderTest.RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => present.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("signed_record.signature", refusal.Field);
        Assert.Single(Host.Recorded.Calls);
    }

    [Fact]
    public async Task Answers_presented_bytes_that_are_no_record_so_that_the_terminal_is_not_stuck_on_them()
    {
        var request = Messages.Present();
        request.SignedRecord.Record = Google.Protobuf.ByteString.CopyFrom(new byte[130]);
        using var present = Client().Present();
        await present.RequestStream.WriteAsync(request);
        Assert.True(await present.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(Wire.DeclineReason.MalformedRecord, present.ResponseStream.Current.Outcome.Declined.Reason);
        var hash = System.Security.Cryptography.SHA256.HashData(request.SignedRecord.Record.Span);
        Assert.True(IsAcknowledged(new Acknowledgement(AcknowledgementKind.Presented, hash, (ushort)Wire.DeclineReason.MalformedRecord), present.ResponseStream.Current));
    }

    [Fact]
    public async Task Passes_on_that_the_ledger_is_busy_and_when_to_come_back()
    {
        Host.Disbursements.BusyTimes = 2;
        var client = Client();

        var (_, exception) = await HostUnderTest.RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.Busy, () => client.AuthoriseAsync(Messages.Authorise()).ResponseAsync);
        Assert.Equal("25", exception.Trailers.GetValue("retry-after-ms"));
        await HostUnderTest.RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.Busy, () => client.ReverseAsync(Messages.Reverse()).ResponseAsync);
        Host.Disbursements.BusyTimes = 1;
        await HostUnderTest.RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.Busy, () => client.RefundAsync(Messages.Refund()).ResponseAsync);
        Assert.Empty(Host.Recorded.Calls);
        Assert.NotNull((await client.AuthoriseAsync(Messages.Authorise())).Outcome.Approved);
    }

    [Fact]
    public async Task Waits_for_a_busy_ledger_while_records_are_presented()
    {
        Host.Disbursements.BusyTimes = 2;
        using var present = Client().Present();
        await present.RequestStream.WriteAsync(Messages.Present());
        var answer = present.ResponseStream.MoveNext(CancellationToken.None);
        for (var wait = 0; wait < 2; wait++)
        {
            await Host.Clock.WhenSomebodyWaitsFor(TimeSpan.FromMilliseconds(25));
            Host.Clock.Advance(TimeSpan.FromMilliseconds(25));
        }

        Assert.True(await answer);
        Assert.Single(Host.Recorded.Calls);
    }

    private Wire.Disbursements.DisbursementsClient Client() => new(Host.ConnectAs(HostUnderTest.Bakery));

    private bool IsAcknowledged(Acknowledgement expected, Wire.PresentResponse response) =>
        EcPublicKey.FromPoint(Host.Authority.AcknowledgementPublicKey.Span).Verify(expected.Encode(), response.Acknowledgement.Span);

    private static SignedRecord Record()
    {
        var wire = Messages.SignedRecord();
        Assert.True(SignedRecord.TryCreate(wire.Record.Memory, wire.Cryptogram.Memory, wire.Signature.Memory, out var record, out _));
        return record;
    }
}
