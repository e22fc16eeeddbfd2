using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>
/// The second GENERATE AC (EMV book 3, 9.3.2.2 and 10.9): the issuer's cryptogram over the ARQC of this session proves that the issuer saw the card, so the count of offline
/// draws since then begins anew. It makes no record and resets nothing that was spent.
/// </summary>
internal static class IssuerAnswer
{
    public static ResponseApdu Take(CommandContext card, IssuerAuthentication authentication, byte p1)
    {
        if ((CryptogramKind)p1 is not (CryptogramKind.Offline or CryptogramKind.Declined))
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (card.Session.PendingArqc is not { } pending)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);

        // One attempt: a wrong answer costs the session its ARQC.
        card.Session.PendingArqc = null;
        card.Timing.Charge(CardOperation.SetUpAesKey, 2);
        card.Timing.Charge(CardOperation.RunAes, 2);
        if (!ApplicationCryptogram.IsGenuineResponse(
            card.State.Keys.CryptogramKey.Span, pending.Atc, pending.Cryptogram.Span, authentication.ResponseCode, authentication.Arpc.Span))
        {
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        }

        var approved = authentication.IsApproved && (CryptogramKind)p1 == CryptogramKind.Offline;
        var subsidy = card.State.Subsidy;
        if (approved && subsidy.ConsecutiveOffline.Count != 0)
            card.Commit(card.State with { Subsidy = subsidy with { ConsecutiveOffline = subsidy.ConsecutiveOffline with { Count = 0 } } });
        return Answers.Data(new IssuerAuthenticationResponse(approved ? CryptogramKind.Offline : CryptogramKind.Declined, pending.Atc).Encode());
    }
}
