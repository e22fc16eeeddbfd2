using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Tlv;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// GET STATUS (GP Card Specification 2.3, 11.4): what public card tools ask first. P1 80 the security domain, 40 applications; P2 00 the old answer, 02 TLV. The search
/// criterion 4F may be empty or a part of a name.
/// </summary>
internal sealed class GetStatusCommand : ICardCommand
{
    private const byte SecurityDomains = 0x80;
    private const byte ApplicationsOnly = 0x40;
    private const byte LoadFiles = 0x20;
    private const byte LoadFilesAndModules = 0x10;
    private const byte TlvAnswer = 0x02;
    private const byte Selectable = 0x07;
    private const byte Locked = 0x83;

    private static readonly Tag Criterion = 0x4F;
    private static readonly Tag Entry = 0xE3;
    private static readonly Tag LifeCycleState = 0x9F70;
    private static readonly Tag Privileges = 0xC5;

    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (command.P1 is not (SecurityDomains or ApplicationsOnly or LoadFiles or LoadFilesAndModules) || (command.P2 & ~TlvAnswer) != 0)
            return Answers.Refuse(StatusWord.IncorrectParameters);
        if (!BerTlv.TryParse(command.Data, TlvLimits.Card, out var criteria, out _) || criteria.Find(Criterion) is not { } name)
            return Answers.Refuse(StatusWord.WrongData);

        var writer = new TlvWriter();
        if (command.P1 == SecurityDomains)
            Describe(writer, command.P2, name.Value.Span, Aid.IssuerSecurityDomain, (byte)card.State.LifeCycle, [0x80, 0x00, 0x00]);
        if (command.P1 == ApplicationsOnly && card.State.LifeCycle is CardLifeCycle.Secured or CardLifeCycle.CardLocked)
            Describe(writer, command.P2, name.Value.Span, Aid.Subsidy, card.State.Subsidy.IsBlocked ? Locked : Selectable, [0x00, 0x00, 0x00]);
        return writer.Length > 0 ? Answers.Data(writer.ToArray()) : Answers.Refuse(StatusWord.ReferencedDataNotFound);
    }

    private static void Describe(TlvWriter writer, byte p2, ReadOnlySpan<byte> criterion, Aid aid, byte lifeCycle, byte[] privileges)
    {
        if (!aid.Span.StartsWith(criterion))
            return;
        if ((p2 & TlvAnswer) == 0)
        {
            writer.AppendEncoded([(byte)aid.Span.Length, .. aid.Span, lifeCycle, privileges[0]]);
            return;
        }

        writer.Append(Entry, entry => entry
            .Append(Criterion, aid.Span)
            .Append(LifeCycleState, lifeCycle)
            .Append(Privileges, privileges));
    }
}
