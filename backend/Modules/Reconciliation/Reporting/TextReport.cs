using System.Globalization;
using System.Text;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Backend.Reconciliation.Tables;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <summary>The report that a person reads, on a screen or on paper. Long lists are cut, and say by how much; the CSV file has them whole.</summary>
internal sealed class TextReport
{
    public const int SharesMax = 1_000;
    public const int BreaksMax = 200;

    private readonly ReportFacts _facts;
    private readonly ReportWords _words;
    private readonly NumberFormatInfo _numbers;
    private readonly StringBuilder _text = new();

    private TextReport(ReportFacts facts, ReportWords words)
    {
        _facts = facts;
        _words = words;
        _numbers = new NumberFormatInfo { NumberGroupSeparator = words.Thousands, NumberDecimalSeparator = words.Decimal, NegativeSign = "-" };
    }

    public static byte[] Write(ReportFacts facts, ReportWords words)
    {
        var report = new TextReport(facts, words);
        report.WriteHead();
        report.WriteTotals();
        report.WriteRefunds();
        report.WriteShares();
        report.WriteBreaks();
        return Encoding.UTF8.GetBytes(report._text.ToString());
    }

    private void WriteHead()
    {
        var run = _facts.Run;
        Heading(_words.Title, '=');
        var table = new TextTable(_words.IsRightToLeft, "", "");
        table.Add(_words.BusinessDate, Left(Date(run.BusinessDate)));
        table.Add(_words.Run, Left(Plain(run.RunId)));
        table.Add(_words.RanAt, Left(_facts.RanAt.ToString(_words.DateFormat + " HH:mm", CultureInfo.InvariantCulture)));
        table.Add(_words.RanBy, run.Actor);
        table.Add(_words.Amounts, Left(CurrencyCode(_facts.Profile.Currency)));
        WriteList(table);
    }

    private void WriteTotals()
    {
        var totals = _facts.Totals;
        Heading(_words.Totals, '-');
        var table = new TextTable(_words.IsRightToLeft, "", "");
        table.Add(_words.Recorded, Count(totals.Recorded));
        table.Add(_words.Claimed, Count(totals.Claimed));
        table.Add(_words.Matched, Count(totals.Matched));
        foreach (var kind in BreakKinds.OfDraws)
            table.Add(_words.Kinds[kind].Name, Count(Of(totals, kind)));
        table.Add(_words.RecordedSubsidy, Money(totals.RecordedSubsidyMinor));
        table.Add(_words.RecordedPaid, Money(totals.RecordedCitizenPaidMinor));
        table.Add(_words.ClaimedPaid, Money(totals.ClaimedCitizenPaidMinor));
        WriteList(table);
        WriteSums(totals);
    }

    private void WriteRefunds()
    {
        var refunds = _facts.Refunds;
        Heading(_words.Refunds, '-');
        if (!refunds.HasLines)
        {
            Line(_words.NoRefunds);
            _text.Append('\n');
            return;
        }
        var table = new TextTable(_words.IsRightToLeft, "", "");
        table.Add(_words.Recorded, Count(refunds.Recorded));
        table.Add(_words.Claimed, Count(refunds.Claimed));
        table.Add(_words.Matched, Count(refunds.Matched));
        foreach (var kind in BreakKinds.OfDraws)
            table.Add(_words.Kinds[kind].Name, Count(Of(refunds, kind)));
        table.Add(_words.SubsidyTakenOff, Money(refunds.RecordedSubsidyMinor));
        table.Add(_words.SubsidyOwed, Money(_facts.Totals.RecordedSubsidyMinor - refunds.RecordedSubsidyMinor));
        table.Add(_words.RecordedGivenBack, Money(refunds.RecordedCitizenPaidMinor));
        table.Add(_words.ClaimedGivenBack, Money(refunds.ClaimedCitizenPaidMinor));
        WriteList(table);
        WriteSums(refunds);
    }

    private void WriteSums(in LineTotals totals)
    {
        Line($"{_words.AddsUp} {_words.ShortRecorded} {Sum(totals.Recorded, [totals.Matched, totals.Late, totals.MissingAtMerchant, totals.AmountDiffers])}");
        Line($"{_words.AddsUp} {_words.ShortClaimed} {Sum(totals.Claimed, [totals.Matched, totals.Late, totals.MissingAtMinistry, totals.AmountDiffers, totals.Duplicate])}");
        _text.Append('\n');
    }

    private void WriteShares()
    {
        Heading(_words.ByMerchant, '-');
        var byMerchant = ShareTable([_words.Merchant, _words.Name]);
        foreach (var share in _facts.Merchants.Take(SharesMax))
            byMerchant.Add([Left(Plain(share.Merchant.Value)), NameOf(share.Name), .. Cells(share.Totals, share.Refunds)]);
        WriteTable(byMerchant, _facts.Merchants.Count, SharesMax, _words.NoLines);

        Heading(_words.ByTerminal, '-');
        var byTerminal = ShareTable([_words.Merchant, _words.Terminal]);
        var terminals = _facts.Merchants.SelectMany(share => share.Terminals, (share, terminal) => (share.Merchant, terminal)).ToList();
        foreach (var (merchant, terminal) in terminals.Take(SharesMax))
            byTerminal.Add([Left(Plain(merchant.Value)), Left(terminal.Terminal.Value), .. Cells(terminal.Totals, terminal.Refunds)]);
        WriteTable(byTerminal, terminals.Count, SharesMax, _words.NoLines);
    }

    private void WriteBreaks()
    {
        Heading(_words.Breaks, '-');
        var table = new TextTable(
            _words.IsRightToLeft, _words.Kind, _words.Owner, _words.OpenedOn, _words.Merchant, _words.Terminal, _words.Programme, _words.RecordedQuantity,
            _words.ClaimedQuantity, _words.RecordedPaidShort, _words.ClaimedPaidShort, _words.Transaction);
        foreach (var found in _facts.Breaks.Take(BreaksMax))
            table.Add(Cells(found));
        WriteTable(table, _facts.Totals.Breaks + _facts.Refunds.Breaks, BreaksMax, _words.NoBreaks);
    }

    private Cell[] Cells(BreakRow found) =>
    [
        _words.Kinds[found.Kind].Name,
        _words.Owners[found.Owner],
        Left(Date(found.OpenedOn)),
        Left(Plain(found.MerchantId.Value)),
        Left(found.TerminalId.Value),
        _facts.Programmes.TryGetValue(found.Programme, out var name) ? _words.NameOf(name) : Left(Plain(found.Programme.Value)),
        Count(found.RecordedQuantity),
        Count(found.ClaimedQuantity),
        Money(found.RecordedCitizenPaidMinor),
        Money(found.ClaimedCitizenPaidMinor),
        Left(found.TransactionId.ToString()),
    ];

    private TextTable ShareTable(ReadOnlySpan<Cell> first) => new(
        _words.IsRightToLeft,
        [
            .. first, End(_words.ShortRecorded), End(_words.ShortClaimed), End(_words.Matched), .. BreakKinds.OfDraws.Select(kind => End(_words.Kinds[kind].Short)),
            End(_words.ShortSubsidy), End(_words.ShortRefunds), End(_words.ShortTakenOff),
        ]);

    private Cell[] Cells(LineTotals totals, LineTotals refunds) =>
    [
        Count(totals.Recorded), Count(totals.Claimed), Count(totals.Matched), .. BreakKinds.OfDraws.Select(kind => Count(Of(totals, kind))), Money(totals.RecordedSubsidyMinor),
        Count(refunds.Recorded), Money(refunds.RecordedSubsidyMinor),
    ];

    // ISO 4217, of the countries in view.
    private static string CurrencyCode(ushort numeric) => numeric switch
    {
        12 => "DZD",
        504 => "MAD",
        788 => "TND",
        818 => "EGP",
        _ => Plain(numeric),
    };

    private static long Of(in LineTotals totals, BreakKind kind) => kind switch
    {
        BreakKind.MissingAtMerchant => totals.MissingAtMerchant,
        BreakKind.MissingAtMinistry => totals.MissingAtMinistry,
        BreakKind.AmountDiffers => totals.AmountDiffers,
        BreakKind.Duplicate => totals.Duplicate,
        BreakKind.Late => totals.Late,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of break."),
    };

    private void Heading(string words, char rule)
    {
        Line(words);
        Line(new string(rule, words.Length));
    }

    private void WriteList(TextTable table)
    {
        table.WriteTo(_text, hasHeading: false);
        _text.Append('\n');
    }

    private void WriteTable(TextTable table, long rows, int rowsMax, string none)
    {
        if (rows == 0)
            Line(none);
        else
            table.WriteTo(_text, hasHeading: true);
        if (rows > rowsMax)
            Line(string.Format(CultureInfo.InvariantCulture, _words.More, TextTable.Isolate(Count(rows - rowsMax), _words.IsRightToLeft)));
        _text.Append('\n');
    }

    private void Line(string words) => _text.Append(_words.IsRightToLeft ? TextTable.RightToLeftMark.ToString() : "").Append(words).Append('\n');

    private string Sum(long whole, long[] parts) => TextTable.Isolate(
        new Cell($"{Count(whole).Text} = {string.Join(" + ", parts.Select(part => Count(part).Text))}", IsNumber: true), _words.IsRightToLeft);

    private Cell NameOf(Label? name) => name is null ? "" : _words.NameOf(name);

    // A code or a date stands at the beginning of its column, as words do; only its own direction is fixed.
    private Cell Left(string text) => _words.IsRightToLeft ? new Cell(text, IsNumber: true) : text;

    // Heading of a column of numbers: over its units.
    private Cell End(string heading) => _words.IsRightToLeft ? heading : new Cell(heading, IsNumber: true);

    private string Date(DateOnly date) => date.ToString(_words.DateFormat, CultureInfo.InvariantCulture);

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Cell Count(long number) => new(number.ToString("N0", _numbers), IsNumber: true);

    private Cell Money(long minor)
    {
        var major = (decimal)minor;
        for (var digit = 0; digit < _facts.Profile.CurrencyDigits; digit++)
            major /= 10;
        return new Cell(major.ToString("N" + Plain(_facts.Profile.CurrencyDigits), _numbers), IsNumber: true);
    }
}
