using System.Globalization;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Journal;

namespace SmartCard.TerminalAgent.Refunds;

/// <summary>Reads the backend's answer to a refund.</summary>
internal static class RefundAnswer
{
    /// <summary>False: it says nothing about this refund, which stays due.</summary>
    public static bool IsOf(RefundEntry refund, RefundResponse answer) =>
        answer.TransactionId == refund.Draw.TransactionId.ToString()
        && answer.Result != RefundResult.Unspecified
        && (answer.Result != RefundResult.Recorded || (DateOf(answer) is not null && answer.CitizenGetsMinor >= 0));

    public static DateOnly? DateOf(RefundResponse answer) =>
        answer.BusinessDate is { } date
        && DateOnly.TryParseExact(date.Yyyymmdd.ToString("D8", CultureInfo.InvariantCulture), "yyyyMMdd", out var parsed)
            ? parsed
            : null;

    public static RefundRefusal RefusalOf(RefundResult result) => result switch
    {
        RefundResult.NotGenuine => RefundRefusal.NotGenuine,
        RefundResult.NotYours => RefundRefusal.NotYours,
        RefundResult.IdUsed => RefundRefusal.IdUsed,
        RefundResult.NotApproved => RefundRefusal.NotApproved,
        RefundResult.Reversed => RefundRefusal.Reversed,
        RefundResult.BeyondDraw => RefundRefusal.BeyondDraw,
        _ => RefundRefusal.Other,
    };
}
