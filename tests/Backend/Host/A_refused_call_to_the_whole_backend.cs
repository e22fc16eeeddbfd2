using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Each refusal with every module in place: the status, the reason, and not one row more in any table.
public abstract class A_refused_call_to_the_whole_backend(WholeBackend backend)
{
    [Fact]
    public async Task Leaves_no_row_without_a_certificate() =>
        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateMissing, Authorise(backend.Connect()));

    [Fact]
    public async Task Leaves_no_row_with_a_strangers_certificate()
    {
        var terminal = await backend.EnrolAsync("STRANGE1");
        using var strangers = new TestAuthority(TimeProvider.System.GetUtcNow());
        using var certificate = strangers.Terminal(terminal.Id, WholeBackend.Bakery, new OutletId(10));

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateUnknown, Authorise(backend.Connect(certificate)));
    }

    [Fact]
    public async Task Leaves_no_row_with_a_superseded_certificate()
    {
        var terminal = await backend.EnrolAsync("RENEWED1");
        var renewal = new Wire.RenewRequest { TlsRequest = WholeBackend.NewRequest(), CardRequest = WholeBackend.NewRequest() };
        var renewed = await terminal.Terminals.RenewAsync(renewal);

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, Authorise(terminal.Connection));
        await NothingMoreAsync(async () => Assert.Equal(renewed, await terminal.Terminals.RenewAsync(renewal)));
    }

    [Fact]
    public async Task Leaves_no_row_after_the_terminal_was_withdrawn()
    {
        var terminal = await backend.EnrolAsync("STOLEN01");
        await backend.Get<IMerchants>().RevokeTerminalAsync(terminal.Id, "stolen", CancellationToken.None);

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, Authorise(terminal.Connection));
    }

    [Fact]
    public async Task Leaves_no_row_of_a_staff_call_by_a_terminal_and_the_reverse()
    {
        var terminal = await backend.EnrolAsync("CURIOUS1");
        var order = new Wire.OrderCardRequest { OrderId = "0123456789abcdef0123456789abcdef", HouseholdId = 1 };

        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, () => new Wire.Cards.CardsClient(terminal.Connection).OrderAsync(order).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, Authorise(backend.ConnectAsStaff(StaffRoles.Issuance)));
    }

    [Fact]
    public async Task Leaves_no_row_of_an_order_for_a_household_that_does_not_exist()
    {
        var cards = new Wire.Cards.CardsClient(backend.ConnectAsStaff(StaffRoles.Issuance));

        await RefusedAsync(StatusCode.NotFound, Wire.RefusalReason.NotFound,
            () => cards.OrderAsync(new Wire.OrderCardRequest { OrderId = "fedcba9876543210fedcba9876543210", HouseholdId = 404 }).ResponseAsync);
    }

    [Fact]
    public async Task Leaves_no_row_of_malformed_or_oversized_draws()
    {
        var terminal = await backend.EnrolAsync("BROKEN01");
        var truncated = Messages.Authorise();
        truncated.SignedRecord.Record = ByteString.CopyFrom(truncated.SignedRecord.Record.Span[..^1]);
        var oversized = Messages.Authorise();
        oversized.SignedRecord.Record = ByteString.CopyFrom(new byte[70_000]);

        await RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => terminal.Disbursements.AuthoriseAsync(truncated).ResponseAsync);
        await RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooLarge, () => terminal.Disbursements.AuthoriseAsync(oversized).ResponseAsync);
    }

    [Fact]
    public async Task Leaves_no_row_of_another_merchants_ledger()
    {
        var terminal = await backend.EnrolAsync("GREEDY01");

        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.NotYours, () => UploadAsync(terminal, Header(WholeBackend.OtherBakery), Messages.Chunk(3)));
    }

    [Fact]
    public async Task Leaves_no_row_of_a_ledger_whose_last_chunk_has_501_lines()
    {
        var terminal = await backend.EnrolAsync("BAKERY01");

        await RefusedAsync(StatusCode.ResourceExhausted, Wire.RefusalReason.TooLarge,
            () => UploadAsync(terminal, Header(WholeBackend.Bakery), Messages.Chunk(500), Messages.Chunk(500), Messages.Chunk(501)));
    }

    [Fact]
    public async Task Leaves_no_row_of_an_enrolment_with_a_guessed_code()
    {
        var terminal = await backend.EnrolAsync("GUESSED1");
        var guess = terminal.Request.Clone();
        guess.ActivationCode = "GUESS";
        var otherKeys = terminal.Request.Clone();
        otherKeys.TlsRequest = WholeBackend.NewRequest();
        var anyone = new Wire.Terminals.TerminalsClient(backend.Connect());

        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.ActivationCodeWrong, () => anyone.EnrolAsync(guess).ResponseAsync);
        await RefusedAsync(StatusCode.FailedPrecondition, Wire.RefusalReason.AlreadyDone, () => anyone.EnrolAsync(otherKeys).ResponseAsync);
        await NothingMoreAsync(() => anyone.EnrolAsync(terminal.Request).ResponseAsync);
    }

    [Fact]
    public async Task Leaves_the_good_rows_of_a_ledger_with_bad_ones()
    {
        var terminal = await backend.EnrolAsync("HONEST01");
        var chunk = Messages.Chunk(5);
        foreach (var line in chunk.Chunk.Lines)
            (line.TerminalId, line.BusinessDate) = ("HONEST01", null);
        chunk.Chunk.Lines[1].Quantity = 0;
        chunk.Chunk.Lines[3].TransactionId = "none";
        using var upload = terminal.Batches.UploadLedger();
        await upload.RequestStream.WriteAsync(Header(WholeBackend.Bakery));
        await upload.RequestStream.WriteAsync(chunk);
        await upload.RequestStream.CompleteAsync();

        var answer = await upload;

        Assert.Equal((3, 2), (answer.Accepted, answer.Refused));
        Assert.Equal([(2, "quantity"), (4, "transaction_id")], answer.Refusals.Select(refusal => (refusal.Row, refusal.Column)));
    }

    private static Func<Task> Authorise(CallInvoker connection) =>
        () => new Wire.Disbursements.DisbursementsClient(connection).AuthoriseAsync(Messages.Authorise()).ResponseAsync;

    private Wire.UploadLedgerRequest Header(MerchantId merchant)
    {
        var header = Messages.Header(merchant.Value);
        header.Header.UploadId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var today = backend.Get<BusinessCalendar>().Today;
        header.Header.BusinessDate = new Wire.BusinessDate { Yyyymmdd = (uint)((today.Year * 10_000) + (today.Month * 100) + today.Day) };
        return header;
    }

    private static async Task UploadAsync(Enrolled terminal, params Wire.UploadLedgerRequest[] messages)
    {
        using var upload = terminal.Batches.UploadLedger();
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

    private Task RefusedAsync(StatusCode status, Wire.RefusalReason reason, Func<Task> call) =>
        NothingMoreAsync(() => HostUnderTest.RefusedAsync(status, reason, call));

    private async Task NothingMoreAsync(Func<Task> call)
    {
        var before = await backend.RowsAsync();
        await call();
        Assert.Equal(before.OrderBy(table => table.Key), (await backend.RowsAsync()).OrderBy(table => table.Key));
    }
}

public sealed class A_refused_call_to_the_whole_backend_on_sqlite(WholeBackendOnSqlite backend)
    : A_refused_call_to_the_whole_backend(backend), IClassFixture<WholeBackendOnSqlite>;

public sealed class A_refused_call_to_the_whole_backend_on_postgres(WholeBackendOnPostgres backend)
    : A_refused_call_to_the_whole_backend(backend), IClassFixture<WholeBackendOnPostgres>;

/// <summary>Apart from the others: the clock moves for everybody.</summary>
public sealed class A_certificate_that_expires(WholeBackendOnSqlite backend) : IClassFixture<WholeBackendOnSqlite>
{
    [Fact]
    public async Task Is_refused_and_the_terminal_enrols_again()
    {
        var terminal = await backend.EnrolAsync("EXPIRED1");
        await terminal.Terminals.GetDenylistAsync(new Wire.GetDenylistRequest());
        backend.Clock.Leap(TimeSpan.FromDays(91));

        await HostUnderTest.RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateExpired,
            () => terminal.Terminals.GetDenylistAsync(new Wire.GetDenylistRequest()).ResponseAsync);
    }
}
