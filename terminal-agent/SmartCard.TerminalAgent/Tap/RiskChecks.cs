using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>What the terminal knows of itself when it decides whether a card may go on without the backend.</summary>
/// <param name="UnsentRecords">Records that the backend has not taken over.</param>
/// <param name="LastContact">When the backend last answered; null when it never did.</param>
public readonly record struct OfflineStanding(int UnsentRecords, DateTimeOffset? LastContact, DateTimeOffset Now);

/// <summary>
/// What the terminal itself decides, in order of precedence, before a card may commit on its own. With a line the backend decides, but for what lies on the card.
/// </summary>
public static class RiskChecks
{
    /// <summary>Null: the draw may go on.</summary>
    public static TapOutcomeKind? RefuseOffline(Draw draw, OfflinePolicy policy, OfflineStanding standing)
    {
        if (standing.LastContact is not { } contact || standing.Now - contact > policy.ContactAgeMax)
            return TapOutcomeKind.TooLongWithoutContact;
        if (standing.UnsentRecords >= policy.RecordsMax)
            return TapOutcomeKind.TooManyUnsent;
        if (draw.ValueMinor > policy.ValueMinorMax)
            return TapOutcomeKind.OfflineValueTooHigh;
        return null;
    }

    /// <summary>
    /// True where a household with a line asks for what is left to it on its card alone. The backend would have to decline the draw: the card could give the same goods
    /// once more without a line. The card itself can give them once, and the backend has said how much of that it has nothing against.
    /// </summary>
    /// <param name="balances">The backend's answer to this tap's inquiry.</param>
    public static bool IsLeftOnCardAlone(Draw draw, IReadOnlyList<QuotaBalance> balances, ProcessingOptionsResponse card, DateOnly date)
    {
        var isBeyondLine = false;
        foreach (var share in draw.Shares)
        {
            // A record is of one kind: the card gives all of a basket or the backend decides on all of it.
            if (balances.FirstOrDefault(own => own.Programme == share.Programme.Value && own.FromAllowanceNow >= share.Quantity) is not { } balance
                || !card.Allowances.Any(own => own.Programme == share.Programme && own.Covers(share.Quantity, share.Unit, date)))
                return false;
            isBeyondLine |= share.Quantity > balance.AvailableNow;
        }

        return isBeyondLine && card.ConsecutiveOffline.Count < card.ConsecutiveOffline.Upper;
    }

    /// <summary>The lower of the terminal's and the card's own threshold decides.</summary>
    public static bool NeedsPin(GenerateAcRequest request, OfflinePolicy policy, ProcessingOptionsResponse card) =>
        ProcessingOptionsResponse.MoneyMoved(request) > Math.Min(policy.PinAboveMinor, card.PinThresholdMinor);
}

/// <summary>Where the citizen enters a PIN.</summary>
public interface IPinPad
{
    /// <summary>Asks for the PIN. Null when the citizen gave up. The terminal wipes the digits after use.</summary>
    /// <param name="triesLeft">To be shown.</param>
    ValueTask<char[]?> AskAsync(int triesLeft, CancellationToken cancellationToken);
}

/// <summary>A terminal without a PIN pad: draws that need a PIN are refused.</summary>
public sealed class NoPinPad : IPinPad
{
    public static NoPinPad Instance { get; } = new();

    public ValueTask<char[]?> AskAsync(int triesLeft, CancellationToken cancellationToken) => ValueTask.FromResult<char[]?>(null);
}
