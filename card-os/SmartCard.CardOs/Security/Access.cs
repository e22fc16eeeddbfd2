using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Certificates;

namespace SmartCard.CardOs.Security;

/// <summary>Who may do something: any one of the conditions is enough (ISO 7816-4, 9.3). None at all means never.</summary>
[Flags]
public enum Access
{
    Never = 0,
    Always = 0x01,

    /// <summary>An SCP11a session with a subsidy terminal, known by its card-verifiable certificate.</summary>
    Terminal = 0x02,

    /// <summary>Such a session, and the certificate gives the right to read the log.</summary>
    TerminalThatReadsLogs = 0x04,

    /// <summary>Any SCP11a session, with an X.509 peer too.</summary>
    Reader = 0x08,

    /// <summary>An SCP03 session: only the issuer has the keys.</summary>
    Issuer = 0x10,

    /// <summary>Any session in which the citizen has shown the PIN.</summary>
    PinVerified = 0x20,

    AnySession = Reader | Issuer,
}

internal static class AccessRules
{
    public static bool Allows(this Access access, CardSession session)
    {
        var holds = Access.Always;
        if (session.Channel is { } channel)
        {
            holds |= channel.IsIssuer ? Access.Issuer : Access.Reader;
            if (channel.Terminal is { } terminal)
            {
                holds |= Access.Terminal;
                if (terminal.Rights.Allows(TerminalOperations.ReadLog))
                    holds |= Access.TerminalThatReadsLogs;
            }

            if (session.PinVerified)
                holds |= Access.PinVerified;
        }

        return (access & holds) != Access.Never;
    }
}
