using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Merchants.Contracts;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>Enrolment, and what an enrolled terminal needs for a day's work.</summary>
internal sealed class TerminalsService(IMerchants merchants, ICards cards, ICertificateAuthority authority, TerminalParameters parameters)
    : Wire.Terminals.TerminalsBase
{
    private const int ActivationCodeLengthMax = 64;

    public override async Task<Wire.EnrolResponse> Enrol(Wire.EnrolRequest request, ServerCallContext context)
    {
        var terminal = Fields.Terminal(request.TerminalId, "terminal_id");
        var code = Fields.Text(request.ActivationCode, ActivationCodeLengthMax, "activation_code");
        var keys = KeyRequests.Of(request.TlsRequest, request.CardRequest);

        return await merchants.CheckActivationAsync(terminal, code, keys.Hash, context.CancellationToken) switch
        {
            EnrolmentCheck.AlreadyEnrolled again => ToWire(again.Enrolment),
            EnrolmentCheck.Accepted accepted => await CertifyAsync(accepted.Terminal, keys, context.CancellationToken),
            EnrolmentCheck.Refused refused => throw ToRefusal(refused.Reason),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}."),
        };
    }

    public override async Task<Wire.EnrolResponse> Renew(Wire.RenewRequest request, ServerCallContext context)
    {
        var keys = KeyRequests.Of(request.TlsRequest, request.CardRequest);
        var terminal = Caller.TerminalOf(context);
        var inForce = await merchants.FindEnrolmentAsync(terminal.Terminal, context.CancellationToken);
        if (inForce is not null && inForce.RequestHash.Span.SequenceEqual(keys.Hash.Span))
            return ToWire(inForce);
        CallerCheck.RefuseSuperseded(context);
        return await CertifyAsync(terminal, keys, context.CancellationToken);
    }

    public override async Task<Wire.GetParametersResponse> GetParameters(Wire.GetParametersRequest request, ServerCallContext context)
    {
        var current = await parameters.OfAsync(Caller.TerminalOf(context), context.CancellationToken);
        return request.KnownVersion == current.Version
            ? new Wire.GetParametersResponse { Unchanged = true, Version = current.Version }
            : current;
    }

    public override async Task<Wire.GetDenylistResponse> GetDenylist(Wire.GetDenylistRequest request, ServerCallContext context)
    {
        if (request.AfterVersion < 0)
            throw Refusals.Malformed("after_version", "Send the version of the last answer, or 0 for the whole list.");
        var page = await cards.DenylistAfterAsync(request.AfterVersion, CallLimits.DenylistPageMax, context.CancellationToken);
        var response = new Wire.GetDenylistResponse { Version = page.Version, More = page.More };
        response.Entries.AddRange(page.Entries.Select(entry => new Wire.DenylistEntry
        {
            Version = entry.Version,
            CardNumber = entry.Card.FullDigits,
            Denied = entry.Denied,
        }));
        return response;
    }

    private async Task<Wire.EnrolResponse> CertifyAsync(TerminalStanding terminal, KeyRequests keys, CancellationToken cancellation)
    {
        var outcome = authority.CertifyTerminal(terminal.Terminal, terminal.Merchant, terminal.Outlet, terminal.Programmes, keys.Tls, keys.Card);
        if (outcome is TerminalCertificationOutcome.Refused refused)
            throw Refusals.Malformed(refused.Field, refused.Reason + ".");
        var certified = (TerminalCertificationOutcome.Certified)outcome;
        var enrolment = new EnrolmentRecord(
            terminal.Terminal, keys.Hash, certified.TlsSerialNumber, certified.TlsCertificate, certified.TlsChain, certified.CardCertificate, certified.NotAfter);
        return await merchants.CompleteEnrolmentAsync(enrolment, cancellation) switch
        {
            EnrolmentOutcome.Completed completed => ToWire(completed.Enrolment),
            EnrolmentOutcome.Refused late => throw ToRefusal(late.Reason),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}."),
        };
    }

    // Whether the terminal exists, and whether the code was nearly right, is nobody's business.
    private static RpcException ToRefusal(EnrolmentRefusal reason) => reason switch
    {
        EnrolmentRefusal.UnknownTerminal or EnrolmentRefusal.WrongCode => Refusals.Of(
            Wire.RefusalReason.ActivationCodeWrong, "activation_code", "Check the terminal's number and the code on the merchant's letter."),
        EnrolmentRefusal.CodeSpent => Refusals.Of(
            Wire.RefusalReason.AlreadyDone, "activation_code", "The code was used with other keys: ask the supply office for a new one."),
        EnrolmentRefusal.CodeExpired => Refusals.Of(
            Wire.RefusalReason.WrongState, "activation_code", "The code is too old: ask the supply office for a new one."),
        EnrolmentRefusal.TooManyTries => Refusals.Of(
            Wire.RefusalReason.WrongState, "activation_code", "Too many wrong codes: ask the supply office for a new one."),
        EnrolmentRefusal.Revoked => Refusals.Of(
            Wire.RefusalReason.WrongState, "terminal_id", "The terminal was withdrawn: ask the supply office."),
        _ => throw new InvalidOperationException($"No refusal for {reason}."),
    };

    private static Wire.EnrolResponse ToWire(EnrolmentRecord enrolment)
    {
        var response = new Wire.EnrolResponse
        {
            TlsCertificate = enrolment.TlsCertificate.ToWire(),
            CardCertificate = enrolment.CardCertificate.ToWire(),
            NotAfterUnixSeconds = enrolment.NotAfter.ToUnixTimeSeconds(),
        };
        foreach (var certificate in enrolment.TlsChain)
            response.TlsChain.Add(certificate.ToWire());
        return response;
    }

    /// <summary>The two requests of an enrolment; a repetition is known by their hash.</summary>
    private sealed record KeyRequests(ReadOnlyMemory<byte> Tls, ReadOnlyMemory<byte> Card, ReadOnlyMemory<byte> Hash)
    {
        public static KeyRequests Of(ByteString tlsRequest, ByteString cardRequest)
        {
            var tls = Fields.Bytes(tlsRequest, CallLimits.CertificateRequestBytesMax, "tls_request");
            var card = Fields.Bytes(cardRequest, CallLimits.CertificateRequestBytesMax, "card_request");
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(tls.Span);
            hash.AppendData(card.Span);
            return new KeyRequests(tls, card, hash.GetHashAndReset());
        }
    }
}
