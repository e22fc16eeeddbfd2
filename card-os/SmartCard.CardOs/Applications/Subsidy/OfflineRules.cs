using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>Why the card does not approve offline. It answers AAC to all of them; a terminal that wants to know compares with the processing options.</summary>
internal enum OfflineRefusal
{
    None = 0,

    /// <summary>Upper consecutive offline limit (EMV book 3, 10.6.3).</summary>
    TooManyWithoutIssuer,

    /// <summary>The amount is in another currency than the card's.</summary>
    Currency,

    /// <summary>The terminal's date is before a date that the card has seen proven.</summary>
    DateBeforeLatestSeen,
    PinNotVerified,
    NoAllowance,
    Unit,
    OutsidePeriod,
    AboveCap,
    AboveAllowance,
}

/// <summary>What a card checks before it gives without a line; the first that applies is the refusal.</summary>
internal static class OfflineRules
{
    public static OfflineRefusal Check(CardState state, CardSession session, GenerateAcRequest request)
    {
        var subsidy = state.Subsidy;
        if (subsidy.ConsecutiveOffline.Count >= subsidy.ConsecutiveOffline.Upper)
            return OfflineRefusal.TooManyWithoutIssuer;
        if (CurrencyOf(state) != request.Currency)
            return OfflineRefusal.Currency;
        if (request.Date < state.LatestDateSeen)
            return OfflineRefusal.DateBeforeLatestSeen;
        if (ProcessingOptionsResponse.MoneyMoved(request) > subsidy.PinThresholdMinor && !session.PinVerified)
            return OfflineRefusal.PinNotVerified;
        foreach (var draw in request.Draws)
        {
            if (Check(subsidy.AllowanceFor(draw.Programme), draw, request.Date) is var refusal and not OfflineRefusal.None)
                return refusal;
        }

        return OfflineRefusal.None;
    }

    private static OfflineRefusal Check(Allowance? lent, RequestedDraw draw, DateOnly date)
    {
        if (lent is not { } allowance)
            return OfflineRefusal.NoAllowance;
        if (allowance.Unit != draw.Unit)
            return OfflineRefusal.Unit;
        if (date < allowance.NotBefore || date > allowance.NotAfter)
            return OfflineRefusal.OutsidePeriod;
        if (draw.Quantity > allowance.CapPerTransaction)
            return OfflineRefusal.AboveCap;
        return draw.Quantity > allowance.Remaining ? OfflineRefusal.AboveAllowance : OfflineRefusal.None;
    }

    private static ushort? CurrencyOf(CardState state) =>
        state.Files.Record(FileId.ApplicationData, 1) is { } bytes && CardApplicationData.TryDecode(bytes, out var data) ? data.Currency : null;
}
