using System.Diagnostics;
using SmartCard.CardOs.Kernel;
using SmartCard.Demo;
using SmartCard.Demo.Day;
using SmartCard.Demo.Readers;
using SmartCard.Demo.Report;
using SmartCard.Demo.World;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.TerminalAgent.Tap;
using Spectre.Console;

namespace SmartCard.Benchmarks.Taps;

/// <summary>
/// Online draws at one bakery: a real pcscd with its virtual reader, the backend on this machine on SQLite. Neighbours come to their own baker: each card was
/// here before, once, before the clock counts, and comes again in turn.
/// </summary>
internal sealed class TapBenchmark(string dataFolder, int taps, int siliconTaps)
{
    /// <summary>Cards, each of which draws once before the clock counts: the first draws also pay for compiling the program.</summary>
    const int Neighbours = 30;

    /// <summary>Households large enough for a loaf at each of their card's draws.</summary>
    const int MembersMin = 4;

    const int SingleApdus = 2_000;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (PcscReaderSlot.FromEnvironment() is not [var slot, ..])
        {
            await Console.Error.WriteLineAsync("No virtual reader is known: run tools/bench tap, which starts pcscd with some.");
            return 1;
        }

        var options = new DemoOptions
        {
            DataFolder = dataFolder,
            Households = Math.Max(DemoOptions.HouseholdsMin, 3 * Neighbours),
            Merchants = 5,
        };
        var world = await DemoWorld.BuildAsync(options, new Stages(AnsiConsole.Console), cancellation);
        await using (world)
        using (var place = new ReaderPlace(slot))
        {
            var shop = await Shop.OpenAsync(world.Merchants.First(merchant => merchant.IsBakery), place, world.Clock, new Tally(), cancellation);
            await using (shop)
            {
                var cards = new Queue<DemoCard>(
                    world.Households.Where(household => household.Members.Count >= MembersMin).Take(Neighbours).Select(household => world.Cards[household.Household]));
                await DrawAsync(world, shop, cards, cards.Count, CardTiming.None, cancellation);
                var apdu = MeasureApdus(slot, cards.Peek());
                await slot.Reader.WaitForRemovalAsync(cancellation);
                var machine = await DrawAsync(world, shop, cards, taps, CardTiming.None, cancellation);
                var silicon = await DrawAsync(world, shop, cards, siliconTaps, static time => CardTiming.Silicon(time: time), cancellation);
                Console.WriteLine(TapFigures.Of(machine, silicon, apdu).ToLine());
            }
        }
        return 0;
    }

    static async Task<List<TapSample>> DrawAsync(
        DemoWorld world, Shop shop, Queue<DemoCard> cards, int count, Func<TimeProvider?, CardTiming> timing, CancellationToken cancellation)
    {
        var baskets = new BasketPlanner(world.Rules, new Random(0));
        var samples = new List<TapSample>(count);
        for (var number = 0; number < count; number++)
        {
            var card = cards.Dequeue();
            cards.Enqueue(card);
            using var hand = card.Open(timing(null));
            var result = await shop.ServeAsync(hand.Card, baskets.BreadOf(1), cancellation);
            if (result.Outcome.Kind != TapOutcomeKind.Approved)
                throw new InvalidOperationException($"A draw of the benchmark ended as {result.Outcome}.");
            samples.Add(new TapSample(result.Timings.Total, hand.Card.Timing.OwnTime, result.Timings.Exchanges));
        }
        return samples;
    }

    /// <summary>SELECT, the cheapest command of the card, over and over: what reader, pcscd and link take.</summary>
    static List<double> MeasureApdus(PcscReaderSlot slot, DemoCard card)
    {
        using var hand = card.Open();
        var presentation = slot.Present(hand.Card);
        try
        {
            slot.Reader.WaitForCardAsync(CancellationToken.None).GetAwaiter().GetResult();
            using var connection = slot.Reader.Connect();
            var select = CardPersonaliser.SelectCommand(Aid.Subsidy);
            var times = new List<double>(SingleApdus);
            for (var number = 0; number < SingleApdus; number++)
            {
                var started = Stopwatch.GetTimestamp();
                connection.Transmit(select);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            return times;
        }
        finally
        {
            presentation.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}

/// <param name="Total">Card present to receipt.</param>
/// <param name="Card">Of that: the card's own time.</param>
internal readonly record struct TapSample(TimeSpan Total, TimeSpan Card, int Exchanges);
