using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>What the terminal's certificate lets it ask for (protocol/spec/certificates-and-keys.md, tag 7F4C).</summary>
internal static class TerminalRights
{
    /// <summary>True when the id in a command is the one that the certificate of this session was issued for.</summary>
    public static bool Names(CardSession session, TerminalId claimed) =>
        session.Channel?.Terminal is { } certificate
        && certificate.HolderReference.TryGetTerminal(out var certified)
        && certified == claimed;

    public static bool Cover(CardSession session, GenerateAcRequest request, CryptogramKind kind)
    {
        if (session.Channel?.Terminal is not { Rights: var rights } || request.AmountMinor > rights.AmountMinorMax)
            return false;
        foreach (var draw in request.Draws)
        {
            if (!rights.Allows(draw.Programme))
                return false;
        }

        // Asking the card to decline takes no right beyond being a terminal.
        return kind switch
        {
            CryptogramKind.Offline => rights.Allows(TerminalOperations.OfflineDraw),
            CryptogramKind.Online => rights.Allows(TerminalOperations.OnlineDraw),
            _ => true,
        };
    }
}
