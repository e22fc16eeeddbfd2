using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>How a tap ended. The set is closed: a screen, a receipt and a report have a text for each.</summary>
public enum TapOutcomeKind
{
    /// <summary>The backend approved and recorded the draw. Hand over the goods.</summary>
    Approved = 1,

    /// <summary>The card approved the draw by itself, without a line or from what is left on it alone; its record is kept until the backend has acknowledged it. Hand over the goods.</summary>
    ApprovedOffline,

    /// <summary>The backend declined; <see cref="TapOutcome.Decline"/> says why.</summary>
    Declined,

    /// <summary>The card itself declined, such as a draw beyond what was lent to it.</summary>
    DeclinedByCard,

    /// <summary>The backend did not answer in time. The draw is being undone; no goods.</summary>
    NoAnswer,

    /// <summary>The card went away before it committed. Nothing was drawn.</summary>
    CardRemoved,

    /// <summary>The card went away while it committed: it may or may not have counted the draw. The next tap of this card finds out.</summary>
    Torn,

    /// <summary>The merchant or the citizen gave up before the card committed. Nothing was drawn.</summary>
    Cancelled,

    /// <summary>No subsidy application on the card.</summary>
    NotSubsidyCard,

    /// <summary>The application on the card is blocked.</summary>
    CardBlocked,

    /// <summary>The card's certificate is over, or not yet in force.</summary>
    CardExpired,

    /// <summary>The card could not prove that it is what its certificate says, or its record is not what was asked for.</summary>
    CardNotGenuine,

    /// <summary>The card does not accept this terminal's certificate.</summary>
    TerminalNotAccepted,

    /// <summary>The card refused a command that it should have obeyed.</summary>
    CardFault,

    /// <summary>The card is on the denylist.</summary>
    CardDenylisted,

    /// <summary>Without a line, and the draw is worth more than may be drawn so.</summary>
    OfflineValueTooHigh,

    /// <summary>Without a line, and too many records wait to be sent.</summary>
    TooManyUnsent,

    /// <summary>Without a line, and the last contact is too long ago.</summary>
    TooLongWithoutContact,

    /// <summary>The PIN was wrong; <see cref="TapOutcome.PinTriesLeft"/> are left.</summary>
    PinWrong,

    /// <summary>No try of the PIN is left.</summary>
    PinBlocked,

    /// <summary>A PIN is needed and none was entered.</summary>
    PinNotEntered,

    /// <summary>The terminal has no parameters, or its certificate is over: it has to be connected or enrolled first.</summary>
    TerminalNotReady,

    /// <summary>The backend refuses this terminal's calls.</summary>
    TerminalRefused,

    /// <summary>The basket cannot be drawn: empty, an unknown article, or more than four programmes.</summary>
    BasketRefused,
}

/// <summary>How a tap ended, with what belongs to the kind.</summary>
/// <param name="Decline">Of <see cref="TapOutcomeKind.Declined"/>; unspecified otherwise.</param>
/// <param name="Quota">The quota that does not suffice; 0 where the reason is another.</param>
/// <param name="Available">What that quota would still allow, in its unit.</param>
/// <param name="PinTriesLeft">Of <see cref="TapOutcomeKind.PinWrong"/>.</param>
public readonly record struct TapOutcome(
    TapOutcomeKind Kind, DeclineReason Decline = DeclineReason.Unspecified, int Quota = 0, long Available = 0, int PinTriesLeft = 0)
{
    /// <summary>True where the goods are to be handed over.</summary>
    public bool IsApproved => Kind is TapOutcomeKind.Approved or TapOutcomeKind.ApprovedOffline;

    public static TapOutcome Of(TapOutcomeKind kind) => new(kind);

    public static TapOutcome DeclinedBecause(Declined declined) =>
        new(TapOutcomeKind.Declined, declined.Reason, (int)declined.Quota, declined.Available);

    public override string ToString() => Kind == TapOutcomeKind.Declined ? $"{Kind}({Decline})" : Kind.ToString();
}
