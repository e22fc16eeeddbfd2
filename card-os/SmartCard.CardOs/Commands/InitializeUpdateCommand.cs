using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>INITIALIZE UPDATE (GP Amendment D, 7.1.1): begins an SCP03 handshake, and ends an open session.</summary>
internal sealed class InitializeUpdateCommand : ICardCommand
{
    private const int ChallengeLength = 8;
    private const int DiversificationLength = 10;
    private const uint SequenceMax = 0xFF_FFFF;

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        var keys = card.State.Keys;
        var aid = card.Session.Selected == CardApplication.Subsidy ? Aid.Subsidy : Aid.IssuerSecurityDomain;
        var handshake = new Scp03Card(card.Keys.Scp03(keys), keys.Scp03Version, aid, Diversification(card.State.Number));
        card.Session.BeginScp03(handshake);

        // The counter moves only for a command that will be answered with a challenge, and is stored before that challenge is computed.
        var answered = (command.P1 == 0 || command.P1 == keys.Scp03Version) && command.P2 == 0 && command.Data.Length == ChallengeLength
            && keys.Scp03Sequence < SequenceMax;
        var sequence = answered ? keys.Scp03Sequence + 1 : 0;
        if (answered)
            card.Commit(card.State with { Keys = keys with { Scp03Sequence = sequence } });

        card.Timing.Charge(CardOperation.SetUpAesKey, 3);
        card.Timing.Charge(CardOperation.RunAes, 5); // challenge, three keys, cryptogram
        return handshake.InitializeUpdate(command, sequence);
    }

    private static byte[] Diversification(CardNumber? number)
    {
        var data = new byte[DiversificationLength];
        number?.Encode(data.AsSpan(DiversificationLength - CardNumber.EncodedLength));
        return data;
    }
}
