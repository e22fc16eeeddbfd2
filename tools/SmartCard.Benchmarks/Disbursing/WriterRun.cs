using System.Diagnostics;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>The ledger from a record's bytes to the answer after commit, without gRPC, without look-ups and without the card's evidence.</summary>
internal sealed class WriterRun(
    LedgerPath path, RecordClock clock, IProgrammes programmes, TimeProvider time)
{
    /// <summary>Draws on their way at once: enough for a full batch to be read, another to be written and a third to gather for each writer.</summary>
    private int InFlight => 3 * path.Options.BatchMax * path.Options.Writers;

    private static readonly byte[] NoKey = new byte[P256.PointLength];

    /// <returns>Draws a second, over the time until the last was answered.</returns>
    public async Task<RunFigures> RunAsync(MadeDraws draws, TimeSpan length, CancellationToken cancellation)
    {
        var inFlight = InFlight;
        using var window = new SemaphoreSlim(inFlight);
        var rules = programmes.RulesOn(clock.Today);
        var meter = ProcessorMeter.Start();
        var started = Stopwatch.GetTimestamp();
        var handed = 0;
        while (handed < draws.Count && Stopwatch.GetElapsedTime(started) < length)
        {
            await window.WaitAsync(cancellation);
            ThreadPool.UnsafeQueueUserWorkItem(static item => _ = item.Run.DrawAsync(item.Draws, item.Number, item.Rules, item.Window), (Run: this, Draws: draws, Number: handed++, Rules: rules, Window: window), preferLocal: false);
        }
        for (var returned = 0; returned < inFlight; returned++)
            await window.WaitAsync(cancellation);
        return RunFigures.Of(handed, Stopwatch.GetElapsedTime(started), meter);
    }

    private async Task DrawAsync(MadeDraws draws, int number, ProgrammeRules rules, SemaphoreSlim window)
    {
        var signed = draws.SignedAt(number);
        var household = BenchPopulation.HouseholdOf(draws.HouseholdAt(number));
        var draw = new Draw(
            signed, DrawMaker.Lines, draws.StandingAt(number), new CardStanding(signed.Record.Card, household, CardState.Active, NoKey, IssuerKeys.CurrentVersion),
            new HouseholdShape(household, BenchPopulation.Members, [1, 2], Governorate: 1), rules, programmes.Profile, time.GetUtcNow(), BlockedAt: null);
        var decision = await path.AskAsync(new DrawLedgerRequest(draw, DrawAssessment.Of(draw, clock)), household.Bucket, CancellationToken.None);
        if (decision is not { Outcome: DrawOutcome.Approved })
            Environment.FailFast($"A draw of the benchmark ended as {decision?.Outcome.ToString() ?? "busy"}.");
        window.Release();
    }
}
