using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// What has to hold before a record may take its (card, ATC): that it is a record, of this caller, of a card that exists, made by
/// that card. Anybody can send bytes that fail here, so they take nothing.
/// </summary>
internal static class Evidence
{
    private const byte DrawOfGoods = 0x00;

    /// <summary>Reasons 1 to 3, known without a look-up.</summary>
    public static DeclineReason? RefusalOfCaller(SignedRecord? signed, TerminalStanding caller)
    {
        if (signed is null || signed.Record.Type != DrawOfGoods)
            return DeclineReason.MalformedRecord;
        if (caller.State != TerminalState.Enrolled)
            return DeclineReason.TerminalNotEnrolled;
        if (signed.Record.Terminal != caller.Terminal)
            return DeclineReason.TerminalMismatch;
        return null;
    }

    /// <summary>Reasons 4 to 6. The cryptogram comes first: it costs microseconds, a signature a hundred times that.</summary>
    /// <param name="responses">To the cryptogram, where it is the card's.</param>
    public static DeclineReason? RefusalOfCard(SignedRecord signed, CardStanding? card, ICardCryptography cryptography, out IssuerResponses? responses)
    {
        responses = null;
        if (card is null)
            return DeclineReason.UnknownCard;
        if (!cryptography.IsGenuine(card, signed, out responses))
            return DeclineReason.WrongCryptogram;
        if (!cryptography.IsSigned(card, signed))
            return DeclineReason.WrongSignature;
        return null;
    }

    /// <summary>A wrong cryptogram or signature over a real card's record is somebody's attempt; the rest may be a mistake.</summary>
    public static FraudKind? FraudIn(DeclineReason reason) => reason switch
    {
        DeclineReason.WrongCryptogram => FraudKind.WrongCryptogram,
        DeclineReason.WrongSignature => FraudKind.WrongSignature,
        _ => null,
    };
}
