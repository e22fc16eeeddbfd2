using Stateless;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>The stations of a tap, in the order of a normal one.</summary>
public enum TapState
{
    Selecting,
    ReadingCertificate,
    Authenticating,
    ReadingOptions,
    SettlingTorn,
    Inquiring,
    ChoosingBasket,
    CheckingRisk,
    VerifyingPin,
    RecordingIntent,
    Committing,
    RecordingCommit,
    Authorising,
    RecordingOutcome,
    RecordingDoubt,
    Relaying,
    Ended,
}

/// <summary>What happens at a station.</summary>
public enum TapTrigger
{
    /// <summary>The station's work is done.</summary>
    Done,

    /// <summary>The tap ends here, and nothing was drawn.</summary>
    Refused,

    /// <summary>The card is gone.</summary>
    CardLost,

    /// <summary>An earlier draw of this card was cut off.</summary>
    TornFound,

    /// <summary>The earlier draw turned out to be committed: it is this tap's result.</summary>
    TornCommitted,

    PinNeeded,

    /// <summary>
    /// The card answered with an error, or with what cannot be trusted. Errors are not protected by the secure channel, so this is no proof that the
    /// card did not commit: the draw is torn.
    /// </summary>
    Unclear,

    /// <summary>The record asks the issuer.</summary>
    OnlineRecord,

    /// <summary>The record stands without the issuer, for or against the draw.</summary>
    OfflineRecord,

    /// <summary>The backend did not answer in time, or not so that it can be used.</summary>
    NoAnswer,

    /// <summary>The backend has something for the card.</summary>
    HasOrders,
}

/// <summary>The whole table of a tap. What is not in it is refused by the machine.</summary>
public static class TapTable
{
    public static IReadOnlyList<(TapState From, TapTrigger Trigger, TapState To)> Transitions { get; } =
    [
        (TapState.Selecting, TapTrigger.Done, TapState.ReadingCertificate),
        (TapState.Selecting, TapTrigger.Refused, TapState.Ended),
        (TapState.Selecting, TapTrigger.CardLost, TapState.Ended),

        (TapState.ReadingCertificate, TapTrigger.Done, TapState.Authenticating),
        (TapState.ReadingCertificate, TapTrigger.Refused, TapState.Ended),
        (TapState.ReadingCertificate, TapTrigger.CardLost, TapState.Ended),

        (TapState.Authenticating, TapTrigger.Done, TapState.ReadingOptions),
        (TapState.Authenticating, TapTrigger.Refused, TapState.Ended),
        (TapState.Authenticating, TapTrigger.CardLost, TapState.Ended),

        (TapState.ReadingOptions, TapTrigger.Done, TapState.Inquiring),
        (TapState.ReadingOptions, TapTrigger.TornFound, TapState.SettlingTorn),
        (TapState.ReadingOptions, TapTrigger.Refused, TapState.Ended),
        (TapState.ReadingOptions, TapTrigger.CardLost, TapState.Ended),

        (TapState.SettlingTorn, TapTrigger.Done, TapState.Inquiring),
        (TapState.SettlingTorn, TapTrigger.TornCommitted, TapState.Ended),
        (TapState.SettlingTorn, TapTrigger.CardLost, TapState.Ended),

        (TapState.Inquiring, TapTrigger.Done, TapState.ChoosingBasket),
        (TapState.Inquiring, TapTrigger.Refused, TapState.Ended),

        (TapState.ChoosingBasket, TapTrigger.Done, TapState.CheckingRisk),
        (TapState.ChoosingBasket, TapTrigger.Refused, TapState.Ended),

        (TapState.CheckingRisk, TapTrigger.Done, TapState.RecordingIntent),
        (TapState.CheckingRisk, TapTrigger.PinNeeded, TapState.VerifyingPin),
        (TapState.CheckingRisk, TapTrigger.Refused, TapState.Ended),
        (TapState.CheckingRisk, TapTrigger.CardLost, TapState.Ended),

        (TapState.VerifyingPin, TapTrigger.Done, TapState.RecordingIntent),
        (TapState.VerifyingPin, TapTrigger.Refused, TapState.Ended),
        (TapState.VerifyingPin, TapTrigger.CardLost, TapState.Ended),

        (TapState.RecordingIntent, TapTrigger.Done, TapState.Committing),

        (TapState.Committing, TapTrigger.Done, TapState.RecordingCommit),
        (TapState.Committing, TapTrigger.Unclear, TapState.Ended),
        (TapState.Committing, TapTrigger.CardLost, TapState.Ended),

        (TapState.RecordingCommit, TapTrigger.OnlineRecord, TapState.Authorising),
        (TapState.RecordingCommit, TapTrigger.OfflineRecord, TapState.Ended),

        (TapState.Authorising, TapTrigger.Done, TapState.RecordingOutcome),
        (TapState.Authorising, TapTrigger.NoAnswer, TapState.RecordingDoubt),

        (TapState.RecordingDoubt, TapTrigger.Done, TapState.Ended),

        (TapState.RecordingOutcome, TapTrigger.Done, TapState.Ended),
        (TapState.RecordingOutcome, TapTrigger.HasOrders, TapState.Relaying),

        // The draw stands, whether or not the card stayed for the issuer's orders.
        (TapState.Relaying, TapTrigger.Done, TapState.Ended),
        (TapState.Relaying, TapTrigger.CardLost, TapState.Ended),
    ];

    public static StateMachine<TapState, TapTrigger> NewMachine()
    {
        var machine = new StateMachine<TapState, TapTrigger>(TapState.Selecting);
        foreach (var (from, trigger, to) in Transitions)
            machine.Configure(from).Permit(trigger, to);
        return machine;
    }
}
