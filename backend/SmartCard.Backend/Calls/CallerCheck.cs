using Grpc.Core;
using Grpc.Core.Interceptors;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>
/// Before every method: who calls, and may they. Certificate, then role, then how often it calls, then whether the certificate is the one in force; the first
/// that fails is the refusal. A method that is not in <see cref="CallAccess"/> is nobody's.
/// </summary>
internal sealed class CallerCheck(CallerCertificates certificates, CallRates rates, IMerchants merchants) : Interceptor
{
    private static readonly object SupersededKey = new();

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await CheckAsync(context);
        return await continuation(request, context);
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await CheckAsync(context);
        return await continuation(requestStream, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await CheckAsync(context);
        await continuation(request, responseStream, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await CheckAsync(context);
        await continuation(requestStream, responseStream, context);
    }

    /// <summary>For the one method that <see cref="Audience.TerminalRenewing"/> opens: ends the call of a certificate that another has followed.</summary>
    public static void RefuseSuperseded(ServerCallContext context)
    {
        if (context.UserState.ContainsKey(SupersededKey))
            throw Superseded();
    }

    private async ValueTask CheckAsync(ServerCallContext context)
    {
        var audience = CallAccess.Of(context.Method);
        if (audience == Audience.Anyone)
        {
            Caller.Anyone.Instance.PutInto(context);
            return;
        }
        var caller = certificates.Examine(context.GetHttpContext()) switch
        {
            CertificateVerdict.Refused refused => throw Refusals.Of(refused.Reason, string.Empty, refused.NextStep),
            CertificateVerdict.Genuine { Holder: CertificateHolder.Terminal terminal } genuine when audience is Audience.Terminal or Audience.TerminalRenewing or Audience.TerminalOrAggregator =>
                await TerminalAsync(terminal, genuine.SerialNumber, audience, context),
            CertificateVerdict.Genuine { Holder: CertificateHolder.Staff staff } when staff.Roles.HasFlag(RoleFor(audience)) => new Caller.Staff(staff.Name),
            CertificateVerdict.Genuine { Holder: CertificateHolder.Aggregator aggregator } when audience == Audience.TerminalOrAggregator => new Caller.Aggregator(aggregator.Name),
            _ => throw Refusals.Of(RefusalReason.RoleMissing, string.Empty, "The method is for another kind of caller, see protocol/spec/grpc.md."),
        };
        caller.PutInto(context);
    }

    private async ValueTask<Caller> TerminalAsync(CertificateHolder.Terminal holder, string serialNumber, Audience audience, ServerCallContext context)
    {
        // Before the register is asked: a flood should cost next to nothing.
        if (rates.TakeFor(holder.Id) is > 0 and var retryAfterMs)
            throw Refusals.TooOften(retryAfterMs);
        var found = await merchants.FindTerminalsAsync([holder.Id], context.CancellationToken);
        if (!found.TryGetValue(holder.Id, out var standing) || standing.State != TerminalState.Enrolled)
            throw Revoked("The terminal was withdrawn: ask the supply office.");
        if (standing.Merchant != holder.Merchant || standing.Outlet != holder.Outlet)
            throw Revoked("The terminal now stands elsewhere: enrol it again with a new activation code.");
        if (!standing.TlsSerialNumber.Equals(serialNumber, StringComparison.OrdinalIgnoreCase))
        {
            if (audience != Audience.TerminalRenewing)
                throw Superseded();
            context.UserState[SupersededKey] = true;
        }
        return new Caller.Terminal(standing);
    }

    private static StaffRoles RoleFor(Audience audience) => audience switch
    {
        Audience.Issuance => StaffRoles.Issuance,
        Audience.Reconciliation => StaffRoles.Reconciliation,
        _ => (StaffRoles)int.MinValue, // nobody has it
    };

    private static RpcException Superseded() => Revoked("A newer certificate was issued to this terminal: connect with that one.");

    private static RpcException Revoked(string nextStep) => Refusals.Of(RefusalReason.CertificateRevoked, string.Empty, nextStep);
}
