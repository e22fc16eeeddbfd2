using System.Collections.Concurrent;
using System.Diagnostics;
using SmartCard.Faults.Processes;
using SmartCard.Faults.Terminals;
using SmartCard.Faults.World;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Faults.Rounds;

/// <summary>
/// kill -9 of a terminal's process in the middle of its taps. Started again, its journal and its cards must resolve everything: what it showed as approved stands in the ledger and was
/// not undone, nothing is torn, nothing is unsent.
/// </summary>
internal sealed class TerminalRound(Site site, Random random)
{
    public const string Kind = "terminalKilled";

    private const int TapsBeforeMax = 12;
    private const int DelayMsMax = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly ConcurrentDictionary<string, TapOutcomeKind> _shown = [];

    public async Task<(RoundResult Result, IReadOnlyCollection<string> Approved)> RunAsync()
    {
        await ServeUntilKilledAsync();
        var (before, answered) = (_shown.Count, new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
        var began = Stopwatch.GetTimestamp();
        var isSettled = await SettleAsync(() => answered.TrySetResult(Stopwatch.GetTimestamp()));

        var view = await LedgerView.ReadAsync(site, CancellationToken.None);
        var approved = _shown.Where(tap => tap.Value == TapOutcomeKind.Approved).Select(tap => tap.Key).ToArray();
        var lost = approved.Count(transaction => !view.HoldsApproved(transaction)) + (isSettled ? 0 : 1);
        var acknowledged = _shown.Count(tap => tap.Value is TapOutcomeKind.Approved or TapOutcomeKind.Declined);
        var recovery = Stopwatch.GetElapsedTime(began, answered.Task.IsCompleted ? await answered.Task : Stopwatch.GetTimestamp());
        return (new RoundResult(Kind, site.Kind, Fired: before > 0, acknowledged, lost, view.Doubled, Reasked: 0, recovery.TotalSeconds), approved);
    }

    private async Task ServeUntilKilledAsync()
    {
        var (taps, enough) = (random.Next(2, TapsBeforeMax), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var terminal = await StartAsync(settle: false, _ =>
        {
            if (_shown.Count >= taps)
                enough.TrySetResult();
        });
        await using (terminal)
        {
            var ended = terminal.EndedAsync(Patience);
            if (await Task.WhenAny(enough.Task, ended) == ended)
                throw new InvalidOperationException($"The terminal ended by itself: {site.Folder}/terminal.log tells why.");
            await Task.Delay(random.Next(DelayMsMax));
            await terminal.KillAsync();
        }
    }

    private async Task<bool> SettleAsync(Action answered)
    {
        var terminal = await StartAsync(settle: true, outcome =>
        {
            if (outcome is TapOutcomeKind.Approved or TapOutcomeKind.Declined)
                answered();
        });
        await using (terminal)
            return await terminal.EndedAsync(Patience) == 0;
    }

    private Task<ChildProcess> StartAsync(bool settle, Action<TapOutcomeKind> shown) => ChildProcess.StartAsync(
        Path.Combine(site.Folder, "terminal.log"),
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "SmartCard.Faults.dll"), "terminal", "--folder", site.TerminalFolder,
            .. site.CardFiles.SelectMany(file => new[] { "--card", file }), .. settle ? ["--settle"] : Array.Empty<string>(),
        ],
        new Dictionary<string, string>(),
        line =>
        {
            if (line.Split(' ') is not [TerminalProgram.TapWord, var transaction, var word] || !Enum.TryParse<TapOutcomeKind>(word, out var outcome))
                return;
            _shown[transaction] = outcome;
            shown(outcome);
        });
}
