using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tlv;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// SELECT by name (ISO 7816-4, 11.2.2): 00 A4 04 00. A part of a name of 5 bytes or more is enough; no name at all is the security domain
/// (GP Card Specification 2.3, 11.9.2.1). Ends an open session.
/// </summary>
internal sealed class SelectCommand : ICardCommand
{
    private const byte ByName = 0x04;
    private const byte NoInformation = 0x0C;
    private const byte OccurrenceMask = 0x03;

    private static readonly Tag FileControlInformation = 0x6F;
    private static readonly Tag Name = 0x84;
    private static readonly Tag Proprietary = 0xA5;
    private static readonly Tag ApplicationVersion = 0x9F08;
    private static readonly Tag CommandBytesMax = 0x9F65;
    private static readonly Tag KeyReference = 0xC0;

    /// <summary>1.0: the version of protocol/spec that the application speaks.</summary>
    private static ReadOnlySpan<byte> Version => [0x01, 0x00];

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command.P1 != ByName || (command.P2 & ~(NoInformation | OccurrenceMask)) != 0)
            return Answers.Refuse(StatusWord.IncorrectParameters);
        // There is one of each: a next occurrence does not exist.
        if ((command.P2 & OccurrenceMask) != 0 || !TryFind(card.State.LifeCycle, command.Data.Span, out var application, out var aid))
            return Answers.Refuse(StatusWord.FileOrApplicationNotFound);

        card.Session.Select(application);
        var blocked = application == CardApplication.Subsidy
            && (card.State.Subsidy.IsBlocked || card.State.LifeCycle == CardLifeCycle.CardLocked);
        var information = (command.P2 & NoInformation) == NoInformation ? default(ReadOnlyMemory<byte>) : Describe(application, aid);
        return new ResponseApdu(information, blocked ? StatusWord.SelectedFileInvalidated : StatusWord.Success);
    }

    private static bool TryFind(CardLifeCycle state, ReadOnlySpan<byte> name, out CardApplication application, out Aid aid)
    {
        application = CardApplication.SecurityDomain;
        aid = Aid.IssuerSecurityDomain;
        if (name.IsEmpty || aid.StartsWith(name))
            return true;

        application = CardApplication.Subsidy;
        aid = Aid.Subsidy;
        // A card that was never personalised is not a subsidy card yet.
        return state is CardLifeCycle.Secured or CardLifeCycle.CardLocked && aid.StartsWith(name);
    }

    private static byte[] Describe(CardApplication application, Aid aid) => new TlvWriter()
        .Append(FileControlInformation, information => information
            .Append(Name, aid.Span)
            .Append(Proprietary, proprietary =>
            {
                if (application == CardApplication.Subsidy)
                {
                    proprietary
                        .Append(ApplicationVersion, Version)
                        .Append(KeyReference, [Scp11aKeys.TerminalAuthorityKeyId, Scp11aKeys.KeyVersion])
                        .Append(KeyReference, [Scp11aKeys.CardKeyId, Scp11aKeys.KeyVersion]);
                }

                proprietary.Append(CommandBytesMax, [CommandChaining.DataBytesMax >> 8, CommandChaining.DataBytesMax & 0xFF]);
            }))
        .ToArray();
}
