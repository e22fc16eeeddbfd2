using System.Collections.Concurrent;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day;

/// <summary>What the day's taps came to. Safe for many terminals at once.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _declined = new();
    private readonly ConcurrentDictionary<string, int> _refused = new();
    private readonly ConcurrentBag<double> _drawMs = [];
    private int _taps;
    private int _approved;
    private int _offline;
    private int _declinedLater;

    public int Taps => _taps;
    public int Approved => _approved;
    public int Offline => _offline;

    /// <summary>By the backend's reason, whether a tap was told of it or not.</summary>
    public SortedDictionary<string, int> Declined => new(_declined);

    /// <summary>Of <see cref="Declined"/>, what no tap was told: records that came after their reversal, or were presented after an outage.</summary>
    public int DeclinedLater => _declinedLater;

    /// <summary>By the terminal's own.</summary>
    public SortedDictionary<string, int> RefusedAtTerminal => new(_refused);

    /// <summary>Card present to receipt, of online draws that were approved.</summary>
    public IReadOnlyCollection<double> DrawMs => _drawMs;

    public void Count(TapResult tap)
    {
        Interlocked.Increment(ref _taps);
        switch (tap.Outcome.Kind)
        {
            case TapOutcomeKind.Approved:
                Interlocked.Increment(ref _approved);
                _drawMs.Add(tap.Timings.Total.TotalMilliseconds);
                break;
            case TapOutcomeKind.ApprovedOffline:
                Interlocked.Increment(ref _offline);
                break;
            case TapOutcomeKind.Declined:
                Count(tap.Outcome.Decline);
                break;
            default:
                _refused.AddOrUpdate(tap.Outcome.Kind.ToString(), 1, static (_, count) => count + 1);
                break;
        }
    }

    /// <summary>A decline that the backend gave when the citizen was gone.</summary>
    public void CountLater(DeclineReason reason)
    {
        Interlocked.Increment(ref _declinedLater);
        Count(reason);
    }

    private void Count(DeclineReason reason) => _declined.AddOrUpdate(reason.ToString(), 1, static (_, count) => count + 1);
}
