using System.Diagnostics;
using SmartCard.Faults.Load;
using SmartCard.Faults.World;

namespace SmartCard.Faults.Rounds;

/// <param name="Fired">The fault hit something that was in flight.</param>
/// <param name="Lost">Acknowledged and not there afterwards, or answered otherwise later.</param>
/// <param name="Doubled">There more than once.</param>
/// <param name="Reasked">Had no answer and were asked for again.</param>
/// <param name="RecoverySeconds">From the start of healing to the first draw that was acknowledged.</param>
internal sealed record RoundResult(string Kind, SiteKind Site, bool Fired, int Acknowledged, int Lost, int Doubled, int Reasked, double RecoverySeconds);

/// <summary>One round: draws in flight, a fault, its healing, everything asked for again that has no answer, and then the database looked at.</summary>
internal sealed class Round(Site site, DrawMaker maker, Random random, int drawsPerRound)
{
    private const int FreshDraws = 8;
    private const int FurtherLoadsMax = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    public async Task<(RoundResult Result, IReadOnlyList<CampaignDraw> Draws)> RunAsync(Fault fault, CancellationToken cancellation)
    {
        var load = new LoadRun(maker.Make(drawsPerRound));
        var asking = load.AskAllAsync(cancellation);
        // Somewhere between a tenth and a half: some draws are acknowledged, some on their way, some not begun.
        await Task.WhenAny(load.AnsweredAsync(random.Next(drawsPerRound / 10, drawsPerRound / 2)), asking);
        var hit = !asking.IsCompleted & await fault.StrikeAsync(site, random);
        await asking;
        var (draws, failed) = (new List<CampaignDraw>(load.Draws), load.Failed);
        for (var further = 0; fault.IsMetByLoad && failed == 0 && further < FurtherLoadsMax; further++)
        {
            var more = new LoadRun(maker.Make(drawsPerRound));
            await more.AskAllAsync(cancellation);
            draws.AddRange(more.Draws);
            failed += more.Failed;
        }

        var began = Stopwatch.GetTimestamp();
        var healing = fault.HealAsync(site);
        var after = new LoadRun([.. draws.Where(draw => draw.Outcome is null), .. maker.Make(FreshDraws)]);
        var firstAnswer = after.NextAnswerAsync();
        var reasked = await after.AskAgainAsync(Patience, cancellation) - FreshDraws;
        await healing;
        if (!site.Backend.IsRunning)
            throw new InvalidOperationException($"The backend did not survive {fault.Kind}: {site.Folder}/backend.log tells why.");

        draws.AddRange(after.Draws.TakeLast(FreshDraws));
        await AskAnyAgainAsync(draws, cancellation);
        var view = await LedgerView.ReadAsync(site, cancellation);
        var result = new RoundResult(
            fault.Kind, site.Kind, hit && (failed > 0 || !fault.IsMetByLoad), draws.Count(draw => draw.Outcome is not null), draws.Count(draw => IsLost(draw, view)), view.Doubled, reasked,
            Stopwatch.GetElapsedTime(began, await firstAnswer).TotalSeconds);
        return (result, draws);
    }

    public static bool IsLost(CampaignDraw draw, LedgerView view) =>
        draw.IsContradicted || draw.Outcome is null || !view.Holds((long)draw.Card.Value, draw.Atc.Value, draw.ContentHash, draw.Outcome);

    /// <summary>Some that were acknowledged are asked for once more: their outcome must be the first, byte for byte.</summary>
    private async Task AskAnyAgainAsync(List<CampaignDraw> draws, CancellationToken cancellation)
    {
        var some = draws.Where(_ => random.Next(10) == 0).ToArray();
        await new LoadRun(some).AskAllAsync(cancellation);
    }
}
