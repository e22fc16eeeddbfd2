using Grpc.Core;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// No certificate; one of strangers; expired, also while connected; of nobody's role; superseded; withdrawn; moved elsewhere; staff at a
// terminal's method and the reverse; staff of another role. After each: nothing reached a module.
public sealed class Calling_without_the_right_certificate : WithAHost
{
    [Fact]
    public async Task Is_refused_where_there_is_none()
    {
        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateMissing, Host.Connect());
    }

    [Fact]
    public async Task Is_refused_where_another_authority_issued_it()
    {
        using var strangers = new TestAuthority(Host.Clock.GetUtcNow());
        Host.Enrol(HostUnderTest.Bakery);
        using var certificate = strangers.Terminal(HostUnderTest.Bakery, HostUnderTest.BakeryMerchant, HostUnderTest.OutletOf(HostUnderTest.BakeryMerchant));

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateUnknown, Host.Connect(certificate));
    }

    [Fact]
    public async Task Is_refused_where_it_has_expired()
    {
        using var certificate = Host.Enrol(HostUnderTest.Bakery, Host.Clock.GetUtcNow().AddHours(-1));

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateExpired, Host.Connect(certificate));
    }

    [Fact]
    public async Task Is_refused_where_it_expires_while_the_connection_stays_open()
    {
        using var certificate = Host.Enrol(HostUnderTest.Bakery, Host.Clock.GetUtcNow().AddMinutes(5));
        var connection = Host.Connect(certificate);
        await new Wire.Terminals.TerminalsClient(connection).GetDenylistAsync(new Wire.GetDenylistRequest());
        Host.Clock.Advance(TimeSpan.FromMinutes(6));

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateExpired, connection);
    }

    [Fact]
    public async Task Is_refused_where_it_names_neither_terminal_nor_staff()
    {
        using var certificate = Host.Authority.Nobody();

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateUnknown, Host.Connect(certificate));
    }

    [Fact]
    public async Task Is_refused_where_a_newer_one_was_issued()
    {
        using var old = Host.Enrol(HostUnderTest.Bakery);
        var connection = Host.Connect(old);
        await new Wire.Terminals.TerminalsClient(connection).GetDenylistAsync(new Wire.GetDenylistRequest());
        using var renewed = Host.Enrol(HostUnderTest.Bakery);

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, connection);
    }

    [Fact]
    public async Task Is_refused_from_the_next_call_on_where_the_terminal_is_withdrawn()
    {
        var connection = Host.ConnectAs(HostUnderTest.Bakery);
        await new Wire.Terminals.TerminalsClient(connection).GetDenylistAsync(new Wire.GetDenylistRequest());
        Host.Merchants.Terminals[HostUnderTest.Bakery] = Host.Merchants.Terminals[HostUnderTest.Bakery] with { State = TerminalState.Revoked };

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, connection);
    }

    [Fact]
    public async Task Is_refused_where_the_terminal_was_given_to_another_merchant()
    {
        var connection = Host.ConnectAs(HostUnderTest.Bakery);
        Host.Merchants.Terminals[HostUnderTest.Bakery] = Host.Merchants.Terminals[HostUnderTest.Bakery] with { Merchant = HostUnderTest.OtherMerchant };

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, connection);
    }

    [Fact]
    public async Task Is_refused_where_the_terminal_does_not_exist()
    {
        var connection = Host.ConnectAs(HostUnderTest.Bakery);
        Host.Merchants.Terminals.Clear();

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, connection);
    }

    [Fact]
    public async Task Is_refused_to_staff_at_a_terminals_method()
    {
        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, Host.ConnectAsStaff(StaffRoles.Issuance | StaffRoles.Reconciliation));
    }

    [Fact]
    public async Task Is_refused_to_a_terminal_at_a_staff_method()
    {
        var connection = Host.ConnectAs(HostUnderTest.Bakery);

        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, () => new Wire.Cards.CardsClient(connection)
            .OrderAsync(new Wire.OrderCardRequest { OrderId = "0123456789abcdef0123456789abcdef", HouseholdId = 1 }).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, () => new Wire.Reconciliation.ReconciliationClient(connection)
            .RunAsync(new Wire.RunReconciliationRequest { BusinessDate = Messages.Today }).ResponseAsync);
    }

    [Fact]
    public async Task Is_refused_to_staff_of_another_role()
    {
        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, () => new Wire.Cards.CardsClient(Host.ConnectAsStaff(StaffRoles.Reconciliation))
            .OrderAsync(new Wire.OrderCardRequest { OrderId = "0123456789abcdef0123456789abcdef", HouseholdId = 1 }).ResponseAsync);
        await RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.RoleMissing, () => new Wire.Reconciliation.ReconciliationClient(Host.ConnectAsStaff(StaffRoles.Issuance))
            .RunAsync(new Wire.RunReconciliationRequest { BusinessDate = Messages.Today }).ResponseAsync);
    }

    [Fact]
    public async Task Is_refused_on_streams_too()
    {
        var connection = Host.Connect();

        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateMissing, async () =>
        {
            using var present = new Wire.Disbursements.DisbursementsClient(connection).Present();
            await present.ResponseStream.MoveNext(CancellationToken.None);
        });
        await RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateMissing, async () =>
        {
            using var upload = new Wire.Batches.BatchesClient(connection).UploadLedger();
            await upload;
        });
    }

    private Task RefusedAsync(StatusCode status, Wire.RefusalReason reason, CallInvoker connection) =>
        RefusedAsync(status, reason, () => new Wire.Disbursements.DisbursementsClient(connection).AuthoriseAsync(Messages.Authorise()).ResponseAsync);

    private async Task RefusedAsync(StatusCode status, Wire.RefusalReason reason, Func<Task> call)
    {
        await HostUnderTest.RefusedAsync(status, reason, call);
        Assert.Empty(Host.Recorded.Calls);
    }
}
