using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>What came of a call: an answer, a refusal of the call as a whole, or nothing that can be used.</summary>
public abstract record BackendAnswer<T>
{
    private BackendAnswer()
    {
    }

    public sealed record Answered(T Value) : BackendAnswer<T>;

    /// <summary>The backend refused and recorded nothing.</summary>
    public sealed record Refused(CallRefusal Refusal) : BackendAnswer<T>;

    /// <summary>No line, no answer in time, or the other side broke down. Whether it did anything is unknown.</summary>
    public sealed record NoAnswer(StatusCode Status) : BackendAnswer<T>;
}

/// <summary>Why a call was refused, machine-readable.</summary>
/// <param name="Field">Path of the offending field; empty where none.</param>
/// <param name="NextStep">In English, for the log and support.</param>
public sealed record CallRefusal(RefusalReason Reason, string Field, string NextStep)
{
    private const string Trailer = "subsidy-refusal-bin";

    /// <summary>True where only a new certificate or a new enrolment helps: the terminal must not serve on, with or without a line.</summary>
    public bool ConcernsTerminal => Reason is RefusalReason.CertificateMissing or RefusalReason.CertificateUnknown
        or RefusalReason.CertificateExpired or RefusalReason.CertificateRevoked or RefusalReason.RoleMissing or RefusalReason.NotYours;

    /// <summary>Reads the refusal out of a failed call; null where the failure is not the backend's considered answer.</summary>
    internal static CallRefusal? From(RpcException failure)
    {
        foreach (var entry in failure.Trailers)
        {
            if (entry.IsBinary && entry.Key == Trailer && TryParse(entry.ValueBytes, out var refusal))
                return new CallRefusal(refusal.Reason, refusal.Field, refusal.NextStep);
        }

        // Without the trailer, only statuses that name the caller's fault are taken as a refusal.
        return failure.StatusCode switch
        {
            StatusCode.Unauthenticated => new CallRefusal(RefusalReason.CertificateUnknown, "", failure.Status.Detail),
            StatusCode.PermissionDenied => new CallRefusal(RefusalReason.NotYours, "", failure.Status.Detail),
            StatusCode.InvalidArgument => new CallRefusal(RefusalReason.Malformed, "", failure.Status.Detail),
            StatusCode.NotFound => new CallRefusal(RefusalReason.NotFound, "", failure.Status.Detail),
            StatusCode.FailedPrecondition => new CallRefusal(RefusalReason.WrongState, "", failure.Status.Detail),
            _ => null,
        };
    }

    private static bool TryParse(byte[] bytes, out Refusal refusal)
    {
        try
        {
            refusal = Refusal.Parser.ParseFrom(bytes);
            return true;
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            refusal = new Refusal();
            return false;
        }
    }
}
