using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Merchants.Enrolling;

internal enum TerminalStep
{
    /// <summary>A code is made for it.</summary>
    IssueCode = 1,

    /// <summary>Certificates are recorded.</summary>
    Enrol = 2,
    Revoke = 3,
}

/// <summary>Every step that a terminal may take; one that is not here is refused.</summary>
internal static class TerminalLifeCycle
{
    private static readonly Dictionary<(TerminalState From, TerminalStep Step), TerminalState> Steps = new()
    {
        [(TerminalState.AwaitingEnrolment, TerminalStep.IssueCode)] = TerminalState.AwaitingEnrolment,
        [(TerminalState.AwaitingEnrolment, TerminalStep.Enrol)] = TerminalState.Enrolled,
        [(TerminalState.AwaitingEnrolment, TerminalStep.Revoke)] = TerminalState.Revoked,
        [(TerminalState.Enrolled, TerminalStep.IssueCode)] = TerminalState.Enrolled,
        [(TerminalState.Enrolled, TerminalStep.Enrol)] = TerminalState.Enrolled,
        [(TerminalState.Enrolled, TerminalStep.Revoke)] = TerminalState.Revoked,
        // A terminal is revoked once; again changes nothing, not even the reason.
        [(TerminalState.Revoked, TerminalStep.Revoke)] = TerminalState.Revoked,
    };

    public static bool TryTake(TerminalState from, TerminalStep step, out TerminalState to) => Steps.TryGetValue((from, step), out to);
}
