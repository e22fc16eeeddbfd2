using System.Diagnostics;
using System.Security.Cryptography;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using Xunit.Abstractions;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>The matching alone, against a slow and obvious one; hostile keys; a million lines a side.</summary>
public sealed class Matching_lines(ITestOutputHelper output)
{
    /// <summary>Set to a number of lines a side to measure more than a million; see backend/docs/decisions/0004.</summary>
    private const string LinesVariable = "SMARTCARD_MATCH_LINES";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Finds_what_the_definition_says(int seed)
    {
        var random = new SeededRandom(seed);
        for (var round = 0; round < 50; round++)
        {
            var (recorded, claimed, places) = RandomDay(random, random.Below(60), random.Below(60));

            var result = LineMatch.Run(recorded, claimed, places, random);

            Assert.Equal(ByDefinition(recorded, claimed, places), result.Totals with { RecordedSubsidyMinor = 0, RecordedCitizenPaidMinor = 0, ClaimedCitizenPaidMinor = 0 });
        }
    }

    [Fact]
    public void Does_not_depend_on_how_the_work_was_shared()
    {
        var (recorded, claimed, places) = RandomDay(new SeededRandom(7), 60_000, 60_000);

        var one = LineMatch.Run(recorded, claimed, places, new SeededRandom(1));
        var other = LineMatch.Run(recorded, claimed, places, new SeededRandom(2));

        Assert.Equal(one.Totals, other.Totals);
        Assert.Equal(one.Breaks, other.Breaks);
        Assert.Equal(one.ByPlace, other.ByPlace);
    }

    [Fact]
    public void Stays_quick_where_one_key_has_all_the_lines()
    {
        const int Lines = 200_000;
        var places = new Places();
        var place = places.NumberOf(new MerchantId(1), TerminalId.Parse("T0000001"));
        var (recorded, claimed) = (new LineColumns(recorded: true), new LineColumns(recorded: false));
        for (var line = 0; line < Lines; line++)
        {
            recorded.Add(7, 1, place, 1 + line, 0, 0, isLate: false);
            claimed.Add(7, 1, place, 2 + line, 0, 0, isLate: false);
        }
        var began = Stopwatch.GetTimestamp();

        var result = LineMatch.Run(recorded, claimed, places, SystemRandomSource.Instance);

        Assert.Equal((Lines - 1, 1), (result.Totals.Matched, result.Totals.AmountDiffers));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Takes_a_million_lines_a_side()
    {
        var lines = int.TryParse(Environment.GetEnvironmentVariable(LinesVariable), out var asked) ? asked : 1_000_000;
        var (recorded, claimed, places) = Day(lines);
        var began = Stopwatch.GetTimestamp();

        var result = LineMatch.Run(recorded, claimed, places, SystemRandomSource.Instance);

        output.WriteLine($"{lines:N0} lines a side, {places.Count:N0} terminals, {result.Breaks.Length:N0} breaks: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:N0} ms");
        Assert.Equal((lines, lines), (result.Totals.Recorded, result.Totals.Claimed));
        Assert.Equal((lines / 1_000, lines / 1_000), (result.Totals.MissingAtMerchant, result.Totals.MissingAtMinistry));
        Assert.Equal(lines - (lines / 1_000), result.Totals.Matched);
    }

    /// <summary>As a country's day: ids at random, the two sides in different orders, one in a thousand missing on each.</summary>
    private static (LineColumns Recorded, LineColumns Claimed, Places Places) Day(int lines)
    {
        const int Terminals = 40_000;
        var places = new Places();
        for (var terminal = 0; terminal < Terminals; terminal++)
            places.NumberOf(new MerchantId(terminal / 2), TerminalId.Parse($"T{terminal:D7}"));
        var ids = new UInt128[lines];
        RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(ids.AsSpan()));
        var (recorded, claimed) = (new LineColumns(recorded: true), new LineColumns(recorded: false));
        for (var line = 0; line < lines; line++)
            recorded.Add(ids[line], 1, line % Terminals, 10, 200, 1_640, isLate: false);
        for (var line = lines - 1; line >= 0; line--)
            claimed.Add(line % 1_000 == 999 ? ~ids[line] : ids[line], 1, line % Terminals, 10, 200, 0, isLate: false);
        return (recorded, claimed, places);
    }

    private static (LineColumns Recorded, LineColumns Claimed, Places Places) RandomDay(SeededRandom random, int recordedCount, int claimedCount)
    {
        var places = new Places();
        for (var terminal = 0; terminal < 6; terminal++)
            places.NumberOf(new MerchantId(terminal / 2), TerminalId.Parse($"T{terminal:D7}"));
        var (recorded, claimed) = (new LineColumns(recorded: true), new LineColumns(recorded: false));
        var keys = Math.Max(4, recordedCount / 2);
        for (var line = 0; line < recordedCount; line++)
            recorded.Add((UInt128)random.Below(keys), (ushort)(1 + random.Below(2)), random.Below(6), 1 + random.Below(3), random.Below(2), 5, random.Below(4) == 0);
        for (var line = 0; line < claimedCount; line++)
            claimed.Add((UInt128)random.Below(keys), (ushort)(1 + random.Below(2)), random.Below(6), 1 + random.Below(3), random.Below(2), 0, random.Below(4) == 0);
        return (recorded, claimed, places);
    }

    /// <summary>Decision 0004, word by word, key by key.</summary>
    private static LineTotals ByDefinition(LineColumns recorded, LineColumns claimed, Places places)
    {
        var totals = new LineTotals { Recorded = recorded.Count, Claimed = claimed.Count };
        var recordedOfKey = Rows(recorded, places).ToLookup(row => row.Key);
        var claimedOfKey = Rows(claimed, places).ToLookup(row => row.Key);
        foreach (var key in recordedOfKey.Select(group => group.Key).Union(claimedOfKey.Select(group => group.Key)))
        {
            var (ours, theirs) = (recordedOfKey[key].ToList(), claimedOfKey[key].ToList());
            var wasRecorded = ours.Count > 0;
            foreach (var line in ours.ToList())
            {
                var alike = theirs.FindIndex(claim => claim.Amounts == line.Amounts);
                if (alike < 0)
                    continue;
                if (line.Late || theirs[alike].Late)
                    totals.Late++;
                else
                    totals.Matched++;
                theirs.RemoveAt(alike);
                ours.Remove(line);
            }
            var pairs = Math.Min(ours.Count, theirs.Count);
            totals.AmountDiffers += pairs;
            totals.MissingAtMerchant += ours.Count - pairs;
            var left = theirs.Count - pairs;
            if (!wasRecorded && left > 0)
            {
                totals.MissingAtMinistry++;
                left--;
            }
            totals.Duplicate += left;
        }
        return totals;
    }

    private static IEnumerable<((UInt128, ushort, long) Key, (long, long) Amounts, bool Late, int Number)> Rows(LineColumns columns, Places places)
    {
        for (var line = 0; line < columns.Count; line++)
        {
            yield return (
                (columns.Transactions[line], columns.Programmes[line], places[columns.Places[line]].Merchant.Value),
                (columns.Quantities[line], columns.CitizenPaidMinor[line]),
                columns.IsLate(line),
                line);
        }
    }

    private sealed class SeededRandom(int seed) : IRandomSource
    {
        private readonly Random _random = new SeededSystemRandom(seed);

        public int Below(int limit) => _random.Next(limit);

        public void Fill(Span<byte> destination) => _random.NextBytes(destination);

        private sealed class SeededSystemRandom(int seed) : Random(seed);
    }
}
