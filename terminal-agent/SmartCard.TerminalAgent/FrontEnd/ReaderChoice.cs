using SmartCard.TerminalAgent.Readers;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>Which of the platform's readers a session uses: the one that was named, or the only one.</summary>
internal static class ReaderChoice
{
    /// <summary>Null: it is not there, or nobody named one and there are several.</summary>
    /// <param name="wanted">A reader's name or the beginning of one; null for the only one.</param>
    public static string? Among(IReadOnlyCollection<string> present, string? wanted) => wanted is null
        ? (present.Count == 1 ? present.Single() : null)
        : present.FirstOrDefault(name => name == wanted) ?? present.FirstOrDefault(name => name.StartsWith(wanted, StringComparison.Ordinal));

    /// <summary>Waits until it is plugged in, or the card service has started.</summary>
    /// <param name="changes">From a monitor; ends by cancellation only.</param>
    public static async Task<string> WaitAsync(IAsyncEnumerable<ReaderChange> changes, string? wanted)
    {
        await foreach (var change in changes)
        {
            if (change.IsPresent && (wanted is null || change.Reader.StartsWith(wanted, StringComparison.Ordinal)))
                return change.Reader;
        }

        throw new OperationCanceledException("Nobody waits for a card reader any more.");
    }
}
