using System.Text;
using System.Text.Json;
using NodaTime;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Backend.Reconciliation.Reporting;
using SmartCard.Backend.Reconciliation.Tables;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Reconciliation;

/// <summary>
/// Cases: text in three languages, whole (snapshots beside this file; SMARTCARD_SNAPSHOTS=write renews them); right-to-left lines keep their
/// direction; long lists are cut and say so; CSV is safe in a spreadsheet; JSON has it all.
/// </summary>
public sealed class The_report
{
    [Theory]
    [InlineData("ar")]
    [InlineData("fr")]
    [InlineData("en")]
    public void Reads_the_same_in(string language) =>
        Snapshot.Matches($"report.{language}.txt", Visible(Text(Facts(), language)));

    [Fact]
    public void Of_a_day_without_lines_says_so()
    {
        var text = Text(Facts() with { Merchants = [], Breaks = [], Totals = default, Refunds = default }, "en");

        Assert.Contains("No lines.", text, StringComparison.Ordinal);
        Assert.Contains("No breaks.", text, StringComparison.Ordinal);
        Assert.Contains("No refunds.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_columns_under_each_other_in_every_language()
    {
        foreach (var language in new[] { "ar", "fr", "en" })
        {
            var lines = Plain(Text(Facts(), language)).Split('\n');
            var rule = Array.FindLastIndex(lines, line => line.StartsWith("--", StringComparison.Ordinal) && line.Contains("  ", StringComparison.Ordinal));
            var starts = Enumerable.Range(2, lines[rule].Length - 2).Where(column => lines[rule][column] == '-' && lines[rule][column - 1] == ' ').ToList();
            Assert.Equal(10, starts.Count);
            foreach (var line in lines[(rule - 1)..].TakeWhile(line => line.Length > 0))
                Assert.All(starts.Where(start => start < line.Length), start => Assert.Equal("  ", line.Substring(start - 2, 2)));
        }
    }

    [Fact]
    public void Gives_every_Arabic_line_one_direction_and_every_number_its_own()
    {
        foreach (var line in Text(Facts(), "ar").Split('\n').Where(line => line.Length > 0))
        {
            Assert.Equal('\u200F', line[0]);
            var depth = 0;
            foreach (var symbol in line)
            {
                depth += symbol switch { '\u2066' or '\u2068' => 1, '\u2069' => -1, _ => 0 };
                Assert.InRange(depth, 0, 1);
                if (char.IsAsciiDigit(symbol))
                    Assert.Equal(1, depth);
            }
            Assert.Equal(0, depth);
        }
    }

    [Fact]
    public void Cuts_a_long_list_and_says_by_how_much()
    {
        var facts = Facts();
        var text = Text(
            facts with { Breaks = [.. Enumerable.Repeat(facts.Breaks[0], 200)], Totals = facts.Totals with { MissingAtMerchant = facts.Totals.MissingAtMerchant + 1_229 } }, "en");

        Assert.Contains("More lines, in the CSV file: 1,035", text, StringComparison.Ordinal);
        Assert.Equal(200, text.Split('\n').Count(line => line.StartsWith("Missing at merchant  merchant", StringComparison.Ordinal)));
    }

    [Fact]
    public void Refuses_a_language_that_it_does_not_speak() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ReportWords.In("de"));

    [Fact]
    public void As_csv_has_a_byte_order_mark_and_one_row_for_everything()
    {
        var csv = CsvReport.Write(Facts());

        Assert.Equal([0xEF, 0xBB, 0xBF], csv[..3].Select(value => (int)value));
        Snapshot.Matches("report.csv", Encoding.UTF8.GetString(csv.AsSpan(3)));
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")")]
    public void As_csv_gives_no_formula_to_a_spreadsheet(string name)
    {
        var facts = Facts();
        var csv = Encoding.UTF8.GetString(CsvReport.Write(facts with { Merchants = [facts.Merchants[0] with { Name = new Label(name, name, name) }, facts.Merchants[1]] }));

        Assert.DoesNotContain("," + name, csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",\"" + name[0], csv, StringComparison.Ordinal);
        Assert.Contains("'" + name[..1], csv, StringComparison.Ordinal);
    }

    [Fact]
    public void As_json_has_totals_merchants_terminals_and_breaks()
    {
        var json = JsonReport.Write(Facts());

        Snapshot.Matches("report.json", JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, Indented));
        Assert.Contains("بقالة", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Text(ReportFacts facts, string language) => Encoding.UTF8.GetString(TextReport.Write(facts, ReportWords.In(language)));

    // Marks that nobody sees, for those who read a snapshot.
    private static string Visible(string text) => text
        .Replace("\u200F", "<RLM>", StringComparison.Ordinal)
        .Replace("\u2066", "<LRI>", StringComparison.Ordinal)
        .Replace("\u2068", "<FSI>", StringComparison.Ordinal)
        .Replace("\u2069", "<PDI>", StringComparison.Ordinal)
        .Replace("\u202F", "<NNBSP>", StringComparison.Ordinal);

    private static string Plain(string text) => string.Concat(text.Where(symbol => symbol is not ('\u200F' or '\u2066' or '\u2068' or '\u2069')));

    private static ReportFacts Facts()
    {
        var day = new DateOnly(2026, 11, 22);
        var bakery = new LineTotals { Recorded = 1_203, Claimed = 1_202, Matched = 1_201, MissingAtMerchant = 1, Late = 1, RecordedSubsidyMinor = 1_972_920, RecordedCitizenPaidMinor = 240_600, ClaimedCitizenPaidMinor = 240_400 };
        var back = new LineTotals { Recorded = 2, Claimed = 1, Matched = 1, MissingAtMerchant = 1, RecordedSubsidyMinor = 820, RecordedCitizenPaidMinor = 100, ClaimedCitizenPaidMinor = 80 };
        var grocer = new LineTotals { Recorded = 2, Claimed = 4, Matched = 1, AmountDiffers = 1, MissingAtMinistry = 1, Duplicate = 1, RecordedSubsidyMinor = 10_000 };
        var totals = new LineTotals();
        totals.Add(bakery);
        totals.Add(grocer);
        var run = new RunRow { RunId = 42, BusinessDate = day, RanAt = new DateTimeOffset(2026, 11, 22, 20, 5, 0, TimeSpan.Zero), Actor = "evening.shift" };
        run.Put(totals);
        return new ReportFacts(
            run,
            new LocalDateTime(2026, 11, 22, 22, 5),
            totals,
            [
                new MerchantShare(new MerchantId(7), new Label("مخبز النور", "Boulangerie An-Nour", "An-Nour Bakery"), bakery, [new TerminalShare(TerminalId.Parse("T0000007"), bakery) { Refunds = back }]) { Refunds = back },
                new MerchantShare(new MerchantId(1_234_567), new Label("بقالة 26 يوليو", "Épicerie du 26-Juillet", "26 July Grocery"), grocer, [new TerminalShare(TerminalId.Parse("T0000008"), grocer)]),
            ],
            [
                Found(1, BreakKind.MissingAtMerchant, "merchant", 7, "T0000007", 1, 10, 0, 200, 0, day),
                Found(6, BreakKind.RefundMissingAtMerchant, "merchant", 7, "T0000007", 1, 1, 0, 20, 0, day),
                Found(2, BreakKind.Late, "operations", 7, "T0000007", 1, 10, 10, 200, 200, day.AddDays(-3)),
                Found(3, BreakKind.MissingAtMinistry, "fraud", 1_234_567, "T0000008", 2, 0, 999_999, 0, 0, day),
                Found(4, BreakKind.AmountDiffers, "operations", 1_234_567, "T0000008", 2, 5_000, 50_000, 0, 0, day),
                Found(5, BreakKind.Duplicate, "merchant", 1_234_567, "T0000008", 9, 0, 5_000, 0, 0, day),
            ],
            new Dictionary<ProgrammeCode, Label>
            {
                [ProgrammeCode.Bread] = new("الخبز", "Pain", "Bread"),
                [ProgrammeCode.Groceries] = new("السلع التموينية", "Épicerie", "Groceries"),
            },
            new CountryProfile("EG", "Africa/Cairo", 818, 2))
        {
            Refunds = back,
        };
    }

    private static BreakRow Found(
        long id, BreakKind kind, string owner, long merchant, string terminal, ushort programme, long recorded, long claimed, long recordedPaid, long claimedPaid, DateOnly openedOn) => new()
        {
            BreakId = id,
            RunId = 42,
            Kind = kind,
            Owner = owner,
            MerchantId = new MerchantId(merchant),
            TerminalId = TerminalId.Parse(terminal),
            Programme = new ProgrammeCode(programme),
            TransactionId = new TransactionId(((UInt128)0x0123456789ABCDEF << 64) | (ulong)id),
            RecordedQuantity = recorded,
            ClaimedQuantity = claimed,
            RecordedCitizenPaidMinor = recordedPaid,
            ClaimedCitizenPaidMinor = claimedPaid,
            BusinessDate = new DateOnly(2026, 11, 22),
            OpenedOn = openedOn,
        };
}
