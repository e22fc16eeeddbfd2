using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Readers;
using Spectre.Console;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>
/// Tells the merchant when the session's reader goes and when it is back. A tap that waits for a card waits for its reader too, and without a word a merchant would take
/// the citizen's card for the broken part.
/// </summary>
internal sealed class ReaderNotices(string reader, IAnsiConsole console, Language language)
{
    /// <summary>Until nobody wants to know any more.</summary>
    public async Task TellAsync(IAsyncEnumerable<ReaderChange> changes, CancellationToken cancellationToken)
    {
        var isGone = false;
        try
        {
            await foreach (var change in changes.WithCancellation(cancellationToken))
            {
                if (change.Reader != reader || change.IsPresent != isGone)
                    continue; // another reader, or what is known already
                isGone = !change.IsPresent;
                console.WriteLine((isGone ? ConsoleWords.ReaderGone : ConsoleWords.ReaderBack).In(language));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session is over.
        }
    }
}
