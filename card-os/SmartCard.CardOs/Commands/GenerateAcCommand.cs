using SmartCard.CardOs.Applications.Subsidy;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// GENERATE AC (EMV book 3, 6.5.5). The first makes a record: see <see cref="Draw"/>. The second, told by its first object 8A, carries the issuer's answer:
/// see <see cref="IssuerAnswer"/>.
/// </summary>
internal sealed class GenerateAcCommand : ICardCommand
{
    private const byte KindMask = 0xC0;

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        var kind = (CryptogramKind)(command.P1 & KindMask);
        if (command.P2 != 0
            || (command.P1 & ~(KindMask | GenerateAcRequest.SignatureRequested)) != 0
            || kind is not (CryptogramKind.Declined or CryptogramKind.Offline or CryptogramKind.Online))
        {
            return Answers.Refuse(StatusWord.IncorrectParameters);
        }

        if (IssuerAuthentication.TryDecode(command.Data, out var authentication))
            return IssuerAnswer.Take(card, authentication, command.P1);
        return GenerateAcRequest.TryDecode(command.Data, out var request, out _)
            ? Draw.Take(card, request, kind, signed: (command.P1 & GenerateAcRequest.SignatureRequested) != 0)
            : Answers.Refuse(StatusWord.WrongData);
    }
}
