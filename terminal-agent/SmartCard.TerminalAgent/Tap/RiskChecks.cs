using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>What the terminal knows of itself when it decides whether to go on without a line.</summary>
/// <param name="UnsentRecords">Records that the backend has not taken over.</param>
/// <param name="LastContact">When the backend last answered; null when it never did.</param>
public readonly record struct OfflineStanding(int UnsentRecords, DateTimeOffset? LastContact, DateTimeOffset Now);

/// <summary>
/// What the terminal itself decides, in order of precedence, before a card may commit without a line. With a line the backend decides.
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
