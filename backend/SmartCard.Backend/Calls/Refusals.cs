using System.Collections.Frozen;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>
/// A call that is refused as a whole, as gRPC tells it: a status, and beside it the reason for machines in two trailers
/// (protocol/spec/grpc.md, "Refusals"). A declined draw is no refusal but an answer.
/// </summary>
internal static class Refusals
{
    public const string ReasonTrailer = "subsidy-reason";
    public const string RefusalTrailer = "subsidy-refusal-bin";
    public const string RetryAfterTrailer = "retry-after-ms";
    public const string CorrelationTrailer = "subsidy-correlation-id";

    private const string WirePrefix = "REFUSAL_REASON_";

    private static readonly FrozenDictionary<RefusalReason, StatusCode> StatusCodes = new Dictionary<RefusalReason, StatusCode>
    {
        [RefusalReason.Malformed] = StatusCode.InvalidArgument,
        [RefusalReason.TooLarge] = StatusCode.ResourceExhausted,
        [RefusalReason.CertificateMissing] = StatusCode.Unauthenticated,
        [RefusalReason.CertificateUnknown] = StatusCode.Unauthenticated,
        [RefusalReason.CertificateExpired] = StatusCode.Unauthenticated,
        [RefusalReason.CertificateRevoked] = StatusCode.Unauthenticated,
        [RefusalReason.RoleMissing] = StatusCode.PermissionDenied,
        [RefusalReason.NotYours] = StatusCode.PermissionDenied,
        [RefusalReason.NotFound] = StatusCode.NotFound,
        [RefusalReason.ActivationCodeWrong] = StatusCode.PermissionDenied,
        [RefusalReason.AlreadyDone] = StatusCode.FailedPrecondition,
        [RefusalReason.WrongState] = StatusCode.FailedPrecondition,
        [RefusalReason.Busy] = StatusCode.ResourceExhausted,
        [RefusalReason.TooOften] = StatusCode.ResourceExhausted,
        [RefusalReason.Idle] = StatusCode.DeadlineExceeded,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<RefusalReason, string> WireNames =
        CommonReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(RefusalReason)).Values
            .ToFrozenDictionary(value => (RefusalReason)value.Number, value => value.Name[WirePrefix.Length..]);

    public static RpcException Malformed(string field, string nextStep) => Of(RefusalReason.Malformed, field, nextStep);

    /// <summary>Bytes that are no message of the method at all.</summary>
    public static RpcException Unreadable() => Malformed(string.Empty, "Send the method's message, encoded as protocol buffer.");

    public static RpcException TooLarge(string field, string nextStep) => Of(RefusalReason.TooLarge, field, nextStep);

    public static RpcException NotYours(string field) =>
        Of(RefusalReason.NotYours, field, "Name an object of the merchant that the certificate was issued for.");

    public static RpcException NotFound(string field, string nextStep) => Of(RefusalReason.NotFound, field, nextStep);

    /// <param name="retryAfterMs">How long to wait before the same call is worth sending again.</param>
    public static RpcException Busy(int retryAfterMs) => Later(BusyOne(retryAfterMs));

    /// <summary>A terminal that calls more often than any honest one has reason to.</summary>
    /// <param name="retryAfterMs">How long until its next call is taken.</param>
    public static RpcException TooOften(int retryAfterMs) => Later(new Refusal
    {
        Reason = RefusalReason.TooOften,
        NextStep = "Send the same again after the time in retry-after-ms, and less often.",
        RetryAfterMs = (uint)retryAfterMs,
    });

    /// <summary>The same for one request of a stream that goes on.</summary>
    public static Refusal BusyOne(int retryAfterMs) => new()
    {
        Reason = RefusalReason.Busy,
        NextStep = "Send the same again after the time in retry-after-ms.",
        RetryAfterMs = (uint)retryAfterMs,
    };

    /// <summary>What a refusal says to machines, to be told of one request of a stream that goes on; null where the exception is none of these.</summary>
    public static Refusal? OfException(RpcException exception) =>
        exception.Trailers.GetValueBytes(RefusalTrailer) is { } bytes ? Refusal.Parser.ParseFrom(bytes) : null;

    /// <param name="field">Path of the field as in the .proto, such as "lines[3].quantity"; empty where none is meant.</param>
    public static RpcException Of(RefusalReason reason, string field, string nextStep) =>
        Exception(new Refusal { Reason = reason, Field = field, NextStep = nextStep });

    private static RpcException Later(Refusal refusal)
    {
        var exception = Exception(refusal);
        exception.Trailers.Add(RetryAfterTrailer, refusal.RetryAfterMs.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return exception;
    }

    private static RpcException Exception(Refusal refusal)
    {
        var trailers = new Metadata
        {
            { ReasonTrailer, WireNames[refusal.Reason] },
            { RefusalTrailer, refusal.ToByteArray() },
        };
        return new RpcException(new Status(StatusCodes[refusal.Reason], Sentence(refusal.Reason, refusal.Field, refusal.NextStep)), trailers);
    }

    private static string Sentence(RefusalReason reason, string field, string nextStep) =>
        field.Length == 0 ? $"{WireNames[reason]}. {nextStep}" : $"{WireNames[reason]}: {field}. {nextStep}";
}
