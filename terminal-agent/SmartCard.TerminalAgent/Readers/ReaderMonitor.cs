using System.Runtime.CompilerServices;
using PCSC;
using PCSC.Exceptions;

namespace SmartCard.TerminalAgent.Readers;

/// <summary>A reader came or went.</summary>
public readonly record struct ReaderChange(string Reader, bool IsPresent);

/// <summary>Tells which readers the platform has, and every change. When the PC/SC service dies all of them are gone; when it is back, so are they.</summary>
public sealed class ReaderMonitor(IContextFactory contexts, TimeProvider time)
{
    // PC/SC part 5: a reader of this name changes when the list of readers does.
    private const string AllReaders = @"\\?PnP?\Notification";

    // A change between listing and waiting goes unnoticed for this long.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    /// <summary>The readers that are there now; none where the service is not running.</summary>
    public IReadOnlyList<string> Present()
    {
        try
        {
            using var context = contexts.Establish(SCardScope.System);
            return context.GetReaders();
        }
        catch (PCSCException)
        {
            return [];
        }
    }

    /// <summary>Begins with the readers that are there, and ends only by cancellation.</summary>
    public async IAsyncEnumerable<ReaderChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var backOff = new BackOff();
        IReadOnlySet<string> known = new HashSet<string>();
        ISCardContext? context = null;
        try
        {
            while (true)
            {
                (var present, context) = await BlockingThread.Run(() => Look(context, known, cancellationToken));
                foreach (var change in Changes(known, present))
                    yield return change;
                known = present;
                cancellationToken.ThrowIfCancellationRequested();
                if (context is null)
                    await Task.Delay(backOff.Next(), time, cancellationToken);
                else
                    backOff = new BackOff();
            }
        }
        finally
        {
            context?.Dispose();
        }
    }

    // The readers as soon as they differ from the known ones, or after a while; no context when there is no service.
    private (IReadOnlySet<string> Present, ISCardContext? Context) Look(
        ISCardContext? context, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        try
        {
            context ??= contexts.Establish(SCardScope.System);
            var present = context.GetReaders().ToHashSet(StringComparer.Ordinal);
            if (!present.SetEquals(known))
                return (present, context);

            using var list = new SCardReaderState { ReaderName = AllReaders, CurrentState = SCRState.Unaware };
            using var cancellation = cancellationToken.Register(() => context.Cancel());
            var error = context.GetStatusChange((nint)WaitMax.TotalMilliseconds, [list]);
            if (ReaderFailures.From(error) != ReaderFailure.ServiceGone)
                return (context.GetReaders().ToHashSet(StringComparer.Ordinal), context);
        }
        catch (PCSCException)
        {
            // No service, or none any more.
        }
        context?.Dispose();
        return (new HashSet<string>(), null);
    }

    private static IEnumerable<ReaderChange> Changes(IReadOnlySet<string> known, IReadOnlySet<string> present) =>
        known.Except(present).Select(name => new ReaderChange(name, IsPresent: false))
            .Concat(present.Except(known).Select(name => new ReaderChange(name, IsPresent: true)));
}
