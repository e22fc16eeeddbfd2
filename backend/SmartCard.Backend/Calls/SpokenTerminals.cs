using Grpc.Core;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Calls;

/// <summary>
/// For whom the caller of one call may speak: a terminal for itself, an aggregator for the terminals that the register puts with it. Asked of the register
/// again every few seconds (<see cref="CallLimits.StandingKnownFor"/>), for a stream lives longer than the standing with which it began. Not safe for several callers at once.
/// </summary>
/// <param name="field">Path of the record in the method's message, for refusals.</param>
internal sealed class SpokenTerminals(Caller caller, IMerchants merchants, TimeProvider time, string field, CancellationToken cancellation)
{
    /// <summary>Then all are asked again: memory stays bounded, whatever terminals a caller names.</summary>
    private const int KnownMax = 10_000;

    private readonly Dictionary<TerminalId, (Task<TerminalStanding> Standing, long Since)> _known = [];

    /// <summary>The standing under which a draw of this terminal is decided. Whatever becomes of it, it may be awaited later.</summary>
    /// <exception cref="RpcException">NOT_YOURS, or CERTIFICATE_REVOKED; out of the task.</exception>
    public Task<TerminalStanding> FindAsync(TerminalId recorded)
    {
        // A terminal's own draws alone: what names another terminal is the ledger's to decline, and to keep as evidence.
        var terminal = caller is Caller.Terminal own ? own.Standing.Terminal : recorded;
        if (_known.TryGetValue(terminal, out var known) && IsAnswer(known.Standing) && time.GetElapsedTime(known.Since) < CallLimits.StandingKnownFor)
            return known.Standing;
        if (_known.Count == KnownMax)
            _known.Clear();
        var asked = AskAsync(terminal);
        _known[terminal] = (asked, time.GetTimestamp());
        return asked;
    }

    /// <summary>A refusal is an answer too; a question that failed is not.</summary>
    private static bool IsAnswer(Task<TerminalStanding> asked) => !asked.IsFaulted || asked.Exception.InnerException is RpcException;

    private async Task<TerminalStanding> AskAsync(TerminalId terminal)
    {
        var found = (await merchants.FindTerminalsAsync([terminal], cancellation)).GetValueOrDefault(terminal);
        return caller switch
        {
            Caller.Terminal(var before) => found is { State: TerminalState.Enrolled } && found.TlsSerialNumber == before.TlsSerialNumber && found.Outlet == before.Outlet
                ? found
                : throw Refusals.Of(RefusalReason.CertificateRevoked, string.Empty, "The terminal's certificate is no longer in force: connect with the one that is."),
            Caller.Aggregator(var name) => found?.Aggregator == name
                ? found!
                : throw Refusals.Of(RefusalReason.NotYours, field, "Send draws of terminals that the supply office has put with you."),
            _ => throw new InvalidOperationException("The method is not a terminal's or an aggregator's in the table of access."),
        };
    }
}
