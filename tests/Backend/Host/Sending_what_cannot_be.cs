using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Cards.Contracts;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Fields: one case a row, each spoils one field of a message that is otherwise right; the refusal names it.
// Sizes: a message above 64 KiB (unary, stream), 501 lines, a stream that says nothing, header fields.
// Another merchant's ledger. After each: nothing reached a module.
public sealed class Sending_what_cannot_be : WithAHost
{
    public static TheoryData<string, string> SpoiledDraws { get; } = new()
    {
        { "no record", "signed_record" },
        { "short cryptogram", "signed_record.cryptogram" },
        { "long signature", "signed_record.signature" },
        { "truncated record", "signed_record.record" },
        { "record of random bytes", "signed_record.record" },
        { "no lines", "lines" },
        { "65 lines", "lines" },
        { "line without programme", "lines[0].programme" },
        { "line with a programme beyond 16 bits", "lines[0].programme" },
        { "line without commodity", "lines[0].commodity" },
        { "second line of no pieces", "lines[1].quantity" },
    };

    [Theory]
    [MemberData(nameof(SpoiledDraws))]
    public async Task A_draw_is_refused_with_the_path_of_the_field(string what, string field)
    {
        var request = Messages.Authorise();
        switch (what)
        {
            case "no record": request.SignedRecord = null; break;
            case "short cryptogram": request.SignedRecord.Cryptogram = ByteString.CopyFrom(new byte[7]); break;
            case "long signature": request.SignedRecord.Signature = ByteString.CopyFrom(new byte[65]); break;
            case "truncated record": request.SignedRecord.Record = ByteString.CopyFrom(request.SignedRecord.Record.Span[..^1]); break;
            case "record of random bytes": request.SignedRecord.Record = ByteString.CopyFrom(Enumerable.Range(0, 130).Select(i => (byte)(i * 37 % 251)).ToArray()); break;
            case "no lines": request.Lines.Clear(); break;
            case "65 lines": request.Lines.AddRange(Enumerable.Range(0, 64).Select(_ => Messages.Loaves(1))); break;
            case "line without programme": request.Lines[0].Programme = 0; break;
            case "line with a programme beyond 16 bits": request.Lines[0].Programme = 65_537; break;
            case "line without commodity": request.Lines[0].Commodity = 0; break;
            case "second line of no pieces": request.Lines.Add(Messages.Loaves(0)); break;
        }

        await MalformedAsync(field, () => Disbursements().AuthoriseAsync(request).ResponseAsync);
    }

    [Theory]
    [InlineData("")]
    [InlineData("123")]
    [InlineData("6228180000000013")] // wrong check digit
    [InlineData("622818000000001X")]
    public async Task An_inquiry_of_no_card_number_is_refused(string number)
    {
        await MalformedAsync("card_number", () => Disbursements().InquireAsync(new Wire.InquireRequest { CardNumber = number }).ResponseAsync);
    }

    [Fact]
    public async Task A_reversal_without_a_known_reason_is_refused()
    {
        var request = Messages.Reverse();
        request.Reason = (Wire.ReversalReason)77;

        await MalformedAsync("reason", () => Disbursements().ReverseAsync(request).ResponseAsync);
    }

    [Theory]
    [InlineData("refund_id")]
    [InlineData("signed_record.record")]
    [InlineData("lines")]
    public async Task A_refund_is_refused_with_the_path_of_the_field(string field)
    {
        var request = Messages.Refund();
        switch (field)
        {
            case "refund_id": request.RefundId = "00000000000000000000000000000000"; break;
            case "signed_record.record": request.SignedRecord.Record = ByteString.CopyFrom(new byte[130]); break;
            case "lines": request.Lines.Clear(); break;
        }

        await MalformedAsync(field, () => Disbursements().RefundAsync(request).ResponseAsync);
    }

    [Theory]
    [InlineData("batch_number")]
    [InlineData("business_date")]
    [InlineData("business_date.yyyymmdd")]
    [InlineData("totals[0].programme")]
    [InlineData("totals[0].quantity")]
    [InlineData("totals[0].citizen_paid_minor")]
    [InlineData("opened_at_unix_ms")]
    [InlineData("closed_at_unix_ms")]
    public async Task A_batch_close_is_refused_with_the_path_of_the_field(string field)
    {
        var request = Messages.Close();
        switch (field)
        {
            case "batch_number": request.BatchNumber = 0; break;
            case "business_date": request.BusinessDate = null; break;
            case "business_date.yyyymmdd": request.BusinessDate = new Wire.BusinessDate { Yyyymmdd = 20260230 }; break;
            case "totals[0].programme": request.Totals[0].Programme = 0; break;
            case "totals[0].quantity": request.Totals[0].Quantity = -1; break;
            case "totals[0].citizen_paid_minor": request.Totals[0].CitizenPaidMinor = long.MinValue; break;
            case "opened_at_unix_ms": request.OpenedAtUnixMs = long.MaxValue; break;
            case "closed_at_unix_ms": request.ClosedAtUnixMs = request.OpenedAtUnixMs - 1; break;
        }

        await MalformedAsync(field, () => Batches().CloseAsync(request).ResponseAsync);
    }

    [Fact]
    public async Task A_ledger_without_its_header_is_refused()
    {
        await MalformedAsync("header", () => UploadAsync(Messages.Chunk(1)));
        await MalformedAsync("header", () => UploadAsync());
    }

    [Fact]
    public async Task A_ledger_with_a_second_header_is_refused()
    {
        await MalformedAsync("chunk[1]", () => UploadAsync(Messages.Header(1), Messages.Chunk(2), Messages.Header(1)));
    }

    [Fact]
    public async Task A_ledger_of_an_upload_id_that_is_none_is_refused()
    {
        var header = Messages.Header(1);
        header.Header.UploadId = "today";

        await MalformedAsync("header.upload_id", () => UploadAsync(header, Messages.Chunk(1)));
    }

    [Fact]
    public async Task Another_merchants_ledger_is_refused()
    {
        var (refusal, _) = await RefusedAsync(
            StatusCode.PermissionDenied, Wire.RefusalReason.NotYours, () => UploadAsync(Messages.Header(HostUnderTest.OtherMerchant.Value), Messages.Chunk(1)));
        Assert.Equal("header.merchant_id", refusal.Field);
        await RefusedAsync(
            StatusCode.PermissionDenied, Wire.RefusalReason.NotYours, () => Batches().UploadLedgerCsvAsync(Messages.Csv(HostUnderTest.OtherMerchant.Value)).ResponseAsync);
    }

    [Fact]
    public async Task Five_hundred_lines_in_a_chunk_are_taken_and_one_more_is_refused()
    {
        await UploadAsync(Messages.Header(1), Messages.Chunk(500), Messages.Chunk(500));
        Assert.Equal(1_000, Host.Ledgers.Lines.Count);

        var exception = await Assert.ThrowsAsync<RpcException>(() => UploadAsync(Messages.Header(1), Messages.Chunk(500), Messages.Chunk(501)));
        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        Assert.Equal("TOO_LARGE", exception.Trailers.GetValue("subsidy-reason"));
        Assert.Equal(1_000, Host.Ledgers.Lines.Count);
    }

    [Fact]
    public async Task A_message_above_64_KiB_is_refused_before_it_is_read()
    {
        var request = Messages.Authorise();
        request.SignedRecord.Record = ByteString.CopyFrom(new byte[65 * 1024]);

        await RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooLarge, () => Disbursements().AuthoriseAsync(request).ResponseAsync);
    }

    [Fact]
    public async Task A_message_above_64_KiB_in_a_stream_is_refused_too()
    {
        var chunk = Messages.Chunk(1);
        chunk.Chunk.Lines[0].ReceiptNumber = new string('9', 65 * 1024);
        await RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooLarge, () => UploadAsync(Messages.Header(1), chunk));

        await RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooLarge, async () =>
        {
            var request = Messages.Present();
            request.SignedRecord.Record = ByteString.CopyFrom(new byte[65 * 1024]);
            using var present = Disbursements().Present();
            await present.RequestStream.WriteAsync(request);
            await present.ResponseStream.MoveNext(CancellationToken.None);
        });
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_refused()
    {
        await MalformedAsync("", () => SendAsync(MethodType.Unary, "subsidy.v1.Disbursements", "Authorise"));
        await MalformedAsync("", () => SendAsync(MethodType.ClientStreaming, "subsidy.v1.Batches", "UploadLedger"));
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_ended()
    {
        using var upload = Batches().UploadLedger();
        await upload.RequestStream.WriteAsync(Messages.Header(1));
        await Host.Clock.WhenSomebodyWaitsFor(TimeSpan.FromSeconds(30));
        Host.Clock.Advance(TimeSpan.FromSeconds(31));

        await RefusedAsync(StatusCode.DeadlineExceeded, Wire.RefusalReason.Idle, () => upload.ResponseAsync);
    }

    [Fact]
    public async Task A_header_field_beyond_its_limit_does_not_reach_a_method()
    {
        var headers = new Metadata { { "x-long", new string('a', 9 * 1024) } };

        await Assert.ThrowsAsync<RpcException>(() => Disbursements().AuthoriseAsync(Messages.Authorise(), headers).ResponseAsync);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Theory]
    [InlineData("format")]
    [InlineData("language")]
    [InlineData("page_size")]
    [InlineData("after_break_id")]
    public async Task A_question_about_a_run_is_refused_with_the_path_of_the_field(string field)
    {
        var client = new Wire.Reconciliation.ReconciliationClient(Host.ConnectAsStaff(StaffRoles.Reconciliation));
        await MalformedAsync(field, () => field switch
        {
            "format" => client.GetReportAsync(new Wire.GetReportRequest { RunId = 1, Language = "ar" }).ResponseAsync,
            "language" => client.GetReportAsync(new Wire.GetReportRequest { RunId = 1, Language = "../etc", Format = Wire.ReportFormat.Csv }).ResponseAsync,
            "page_size" => client.ListBreaksAsync(new Wire.ListBreaksRequest { RunId = 1, PageSize = 501 }).ResponseAsync,
            _ => client.ListBreaksAsync(new Wire.ListBreaksRequest { RunId = 1, AfterBreakId = -1 }).ResponseAsync,
        });
    }

    private async Task SendAsync(MethodType type, string service, string name)
    {
        var bytes = Marshallers.Create<byte[]>((content, to) => to.Complete(content), from => from.PayloadAsNewBuffer());
        var method = new Method<byte[], byte[]>(type, service, name, bytes, bytes);
        byte[] noMessage = [0x0A, 0xFF, 0xFF, 0xFF, 0x7F, 0x01];
        if (type == MethodType.Unary)
        {
            await Host.ConnectAs(HostUnderTest.Bakery).AsyncUnaryCall(method, null, default, noMessage);
            return;
        }
        using var call = Host.ConnectAs(HostUnderTest.Bakery).AsyncClientStreamingCall(method, null, default);
        await call.RequestStream.WriteAsync(noMessage);
        await call;
    }

    private Wire.Disbursements.DisbursementsClient Disbursements() => new(Host.ConnectAs(HostUnderTest.Bakery));

    private Wire.Batches.BatchesClient Batches() => new(Host.ConnectAs(HostUnderTest.Bakery));

    private async Task UploadAsync(params Wire.UploadLedgerRequest[] messages)
    {
        using var upload = Batches().UploadLedger();
        try
        {
            foreach (var message in messages)
                await upload.RequestStream.WriteAsync(message);
            await upload.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // The server may refuse before everything is sent; the answer below says why.
        }
        await upload;
    }

    private async Task MalformedAsync(string field, Func<Task> call)
    {
        var (refusal, _) = await RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, call);
        Assert.Equal(field, refusal.Field);
    }

    private async Task<(Wire.Refusal Refusal, RpcException Exception)> RefusedAsync(StatusCode status, Wire.RefusalReason reason, Func<Task> call)
    {
        var refused = await HostUnderTest.RefusedAsync(status, reason, call);
        Assert.Empty(Host.Recorded.Calls);
        return refused;
    }
}
